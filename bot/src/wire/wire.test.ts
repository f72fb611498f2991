/** Tests the transformers of every Telegram call against a Bot API that rejects calls as each test sets. */
import { Api, GrammyError } from "grammy";
import { pino } from "pino";
import { expect, test } from "vitest";
import { courtesies } from "./courtesies.ts";
import { MovedChats } from "./moved-chats.ts";
import { wellFormed } from "./well-formed.ts";

type Body = Record<string, unknown>;
type Answer = object | "no connection";

function telegram(answer: (method: string, body: Body) => Answer) {
  const calls: [string, Body][] = [];
  const send = async (input: string, init?: RequestInit): Promise<Response> => {
    const method = new URL(input).pathname.split("/").at(-1) ?? "";
    const body = JSON.parse(typeof init?.body === "string" ? init.body : "{}") as Body;
    calls.push([method, body]);
    const given = answer(method, body);
    if (given === "no connection") throw new TypeError("fetch failed");
    return Response.json("error_code" in given ? { ok: false, ...given } : { ok: true, result: given });
  };
  return { calls, api: new Api("1:token", { apiRoot: "http://telegram", fetch: send as never }) };
}

const TOO_OLD = {
  error_code: 400,
  description: "Bad Request: query is too old and response timeout expired or query ID is invalid",
};

test("a rejected courtesy does not fail the handler, whatever the reason; the caller can see it", async () => {
  for (const fault of [TOO_OLD, { error_code: 403, description: "Forbidden" }, "no connection"] as const) {
    const { api } = telegram(() => fault);
    api.config.use(courtesies(pino({ level: "silent" })));
    expect(await api.answerCallbackQuery("1")).toBe(false);
    expect(await api.sendChatAction(42, "typing")).toBe(false);
    expect(await api.sendMessageDraft(42, 1, "draft")).toBe(false);
    expect(await api.sendRichMessageDraft(42, 1, { markdown: "draft" })).toBe(false);
    expect(await api.setMessageReaction(42, 1, [])).toBe(false);
  }
});

test("any other call that fails throws", async () => {
  const { api } = telegram(() => ({ error_code: 400, description: "Bad Request: message is too long" }));
  api.config.use(courtesies(pino({ level: "silent" })));
  await expect(api.sendMessage(42, "text")).rejects.toBeInstanceOf(GrammyError);
});

test("a message to a group that moved is sent to its new id, without the reply; edits of old messages fail", async () => {
  const moved = new MovedChats();
  const { api, calls } = telegram((_, { chat_id }) =>
    chat_id === -7
      ? {
          error_code: 400,
          description: "Bad Request: group chat was upgraded to a supergroup chat",
          parameters: { migrate_to_chat_id: -1_007 },
        }
      : { message_id: 1 },
  );
  api.config.use(moved.follow);
  const buttons = { inline_keyboard: [] };
  await api.sendMessage(-7, "answer", { reply_parameters: { message_id: 3 }, reply_markup: buttons });
  expect(calls.at(-1)).toEqual(["sendMessage", { chat_id: -1_007, text: "answer", reply_markup: buttons }]);
  expect(moved.now(-7)).toBe(-1_007);
  expect(moved.now(-8)).toBe(-8);
  await expect(api.editMessageText(-7, 5, "answer")).rejects.toThrow("upgraded");
});

test("half characters are removed at any depth of a call; whole characters are left alone", async () => {
  const { api, calls } = telegram(() => ({ message_id: 1 }));
  api.config.use(wellFormed);
  const half = "smile \ud83d";
  await api.sendMessage(42, half, { reply_markup: { inline_keyboard: [[{ text: half, callback_data: "x" }]] } });
  await api.sendRichMessage(42, { markdown: `${half} and 😀` });
  expect(calls.map(([, body]) => body)).toEqual([
    {
      chat_id: 42,
      text: "smile \ufffd",
      reply_markup: { inline_keyboard: [[{ text: "smile \ufffd", callback_data: "x" }]] },
    },
    { chat_id: 42, rich_message: { markdown: "smile \ufffd and 😀" } },
  ]);
});
