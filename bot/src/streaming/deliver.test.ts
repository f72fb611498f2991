import * as fc from "fast-check";
import { Api, GrammyError, InlineKeyboard } from "grammy";
import { describe, expect, test } from "vitest";
import { Unfinished } from "../context.ts";
import { deliver } from "./deliver.ts";

const PLACE = { chatId: 42, private: true };
const BUTTONS = new InlineKeyboard().text("Steps", "steps:x");

interface Sent {
  method: string;
  body: Record<string, unknown> & { rich_message?: { markdown: string } };
}

type Refusal = { code: number; description: string; retryAfter?: number } | "no connection" | null;

/** Telegram as a wire: takes or refuses each call, and remembers what it took. */
function telegram(refuse: (sent: Sent) => Refusal = () => null) {
  const taken: Sent[] = [];
  let calls = 0;
  const answer = async (input: string, init?: RequestInit): Promise<Response> => {
    calls++;
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Sent["body"]) : {};
    const sent = { method: new URL(input).pathname.split("/").at(-1) ?? "", body };
    const refusal = refuse(sent);
    if (refusal === "no connection") throw new TypeError("fetch failed");
    if (refusal !== null)
      return Response.json({ ok: false, error_code: refusal.code, description: refusal.description });
    taken.push(sent);
    return Response.json({ ok: true, result: { message_id: taken.length } });
  };
  const api = new Api("1:token", { apiRoot: "http://telegram", fetch: answer as never });
  return { api, taken, calls: () => calls };
}

const say = (markdown: string, more: { edit?: number; replyTo?: number } = {}) => ({
  place: PLACE,
  markdown,
  edit: more.edit ?? null,
  replyTo: more.replyTo ?? null,
  buttons: BUTTONS,
});
const BAD = { code: 400, description: "Bad Request: can't parse rich message" };
const textOf = ({ body }: Sent) => String(body.rich_message?.markdown ?? body.text);

describe("an answer", () => {
  test("too long for one message comes whole, in parts that are whole, with its buttons under the last", async () => {
    const { api, taken } = telegram();
    const code = Array.from({ length: 6_000 }, (_, index) => `console.log(${index})`);
    await deliver(api, say(`Here:\n\n\`\`\`js\n${code.join("\n")}\n\`\`\`\n\nDone.`, { replyTo: 7 }));
    expect(taken.length).toBeGreaterThan(2);
    expect(taken.flatMap((sent) => textOf(sent).match(/console\.log\(\d+\)/g) ?? []).join() === code.join()).toBe(true);
    expect(taken.every((sent) => textOf(sent).length <= 32_768)).toBe(true);
    expect(taken.map(({ body }) => body.reply_markup !== undefined)).toEqual(
      taken.map((_, at) => at === taken.length - 1),
    );
    expect(taken.map(({ body }) => body.reply_parameters !== undefined)).toEqual(taken.map((_, at) => at === 0));
  });

  test("of any deltas is delivered with all its words in every form Telegram leaves it", async () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 400 });
    const forms = fc.constantFrom("rich", "html", "plain");
    await fc.assert(
      fc.asyncProperty(words, forms, async (list, form) => {
        const { api, taken } = telegram(({ body }) => {
          const taking = body.rich_message ? "rich" : body.parse_mode ? "html" : "plain";
          return ["rich", "html", "plain"].indexOf(taking) < ["rich", "html", "plain"].indexOf(form) ? BAD : null;
        });
        await deliver(api, say(list.join(" ")));
        expect(taken.flatMap((sent) => textOf(sent).split(/\s+/)).join(" ")).toBe(list.join(" "));
      }),
      { numRuns: 60 },
    );
  });

  test("that Telegram cannot read comes as HTML, and where that fails too as it was written", async () => {
    const html = telegram(({ body }) => (body.rich_message ? BAD : null));
    await deliver(html.api, say("**bold** <b>not</b>"));
    expect(html.taken.map(({ method, body }) => [method, body.parse_mode, body.text])).toEqual([
      ["sendMessage", "HTML", "<b>bold</b> &lt;b&gt;not&lt;/b&gt;"],
    ]);
    const plain = telegram(({ body }) => (body.rich_message || body.parse_mode ? BAD : null));
    await deliver(plain.api, say("**bold** <b>not</b>"));
    expect(plain.taken.map(({ body }) => body.text)).toEqual(["**bold** <b>not</b>"]);
  });

  test("replaces the preview; where that is gone it comes as a new message", async () => {
    const there = telegram();
    await deliver(there.api, say("answer", { edit: 9 }));
    expect(there.taken.map(({ method, body }) => [method, body.message_id])).toEqual([["editMessageText", 9]]);
    const gone = telegram(({ method }) =>
      method === "editMessageText" ? { code: 400, description: "Bad Request: message to edit not found" } : null,
    );
    await deliver(gone.api, say("answer", { edit: 9, replyTo: 3 }));
    expect(gone.taken.map(({ method, body }) => [method, textOf({ method, body })])).toEqual([
      ["sendRichMessage", "answer"],
    ]);
  });

  test("equal to its preview is there already", async () => {
    const { api, taken, calls } = telegram(() => ({ code: 400, description: "Bad Request: message is not modified" }));
    await deliver(api, say("answer", { edit: 9 }));
    expect(calls()).toBe(1);
    expect(taken).toEqual([]);
  });

  test("is sent again when the connection broke", async () => {
    let broken = 1;
    const { api, taken } = telegram(() => (broken-- > 0 ? "no connection" : null));
    await deliver(api, say("answer"));
    expect(taken.map(textOf)).toEqual(["answer"]);
  });

  test("is left to the next start when Telegram has a fault that passes, and given up when the person blocked the bot", async () => {
    const down = telegram(() => ({ code: 502, description: "Bad Gateway" }));
    await expect(deliver(down.api, say("answer"))).rejects.toBeInstanceOf(Unfinished);
    const blocked = telegram(() => ({ code: 403, description: "Forbidden: bot was blocked by the user" }));
    await expect(deliver(blocked.api, say("answer"))).rejects.toBeInstanceOf(GrammyError);
    expect(blocked.calls()).toBe(1);
  });

  test("refused in every form is a fault that the log shows, not silence", async () => {
    const { api } = telegram(() => ({ code: 400, description: "Bad Request: chat not found" }));
    await expect(deliver(api, say("answer"))).rejects.toThrow("even as plain text");
  });
});
