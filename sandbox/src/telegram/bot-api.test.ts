import type { Message, Update } from "@grammyjs/types";
import { expect, test } from "vitest";
import { TEST_TOKEN, testSimulator } from "../testing/simulator.ts";
import type { TestSimulator } from "../testing/simulator.ts";

const USER = 42;
const GROUP = -1001;

/** A simulator where a person and a group have written, and the bot has answered the person with a text and button. */
async function lived(): Promise<TestSimulator & { sent: Message }> {
  const sim = testSimulator();
  await sim.sim("text", { user: USER, text: "hello", name: "Ann" });
  await sim.sim("text", { user: USER, chat: GROUP, text: "/hello" });
  const reply_markup = { inline_keyboard: [[{ text: "Yes", callback_data: "yes" }]] };
  const sent = await sim.ok<Message>("sendMessage", { chat_id: USER, text: "Shall I?", reply_markup });
  return { ...sim, sent };
}

const long = (characters: number) => "я".repeat(characters);
const button = (fields: object) => ({ inline_keyboard: [[{ text: "x", ...fields }]] });
const NOT_MODIFIED =
  "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
const TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid";

const REFUSALS: [what: string, method: string, parameters: object, description: string][] = [
  ["an unknown method", "sendTelepathy", {}, "Not Found: method not found"],
  [
    "half an emoji",
    "sendMessage",
    { chat_id: USER, text: "x \ud83d" },
    "Bad Request: strings must be encoded in UTF-8",
  ],
  ["no chat", "sendMessage", { text: "x" }, "Bad Request: chat_id is empty"],
  ["a chat that never wrote", "sendMessage", { chat_id: 999, text: "x" }, "Bad Request: chat not found"],
  ["no text", "sendMessage", { chat_id: USER }, "Bad Request: message text is empty"],
  ["only blanks", "sendMessage", { chat_id: USER, text: " \n " }, "Bad Request: message text is empty"],
  ["4,097 characters", "sendMessage", { chat_id: USER, text: long(4_097) }, "Bad Request: message is too long"],
  [
    "an unknown mode",
    "sendMessage",
    { chat_id: USER, text: "x", parse_mode: "BB" },
    "Bad Request: unsupported parse_mode",
  ],
  [
    "an open tag",
    "sendMessage",
    { chat_id: USER, text: "<b>x", parse_mode: "HTML" },
    "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
  ],
  [
    "an unescaped dot",
    "sendMessage",
    { chat_id: USER, text: "1.", parse_mode: "MarkdownV2" },
    "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
  ],
  [
    "a reply to nothing",
    "sendMessage",
    { chat_id: USER, text: "x", reply_parameters: { message_id: 77 } },
    "Bad Request: message to be replied not found",
  ],
  [
    "65 bytes of data",
    "sendMessage",
    { chat_id: USER, text: "x", reply_markup: button({ callback_data: long(33) }) },
    "Bad Request: BUTTON_DATA_INVALID",
  ],
  [
    "a button that does nothing",
    "sendMessage",
    { chat_id: USER, text: "x", reply_markup: button({}) },
    "Bad Request: Text buttons are not allowed in the inline keyboard",
  ],
  [
    "an app on plain http",
    "sendMessage",
    { chat_id: USER, text: "x", reply_markup: button({ web_app: { url: "http://example.com/" } }) },
    "Bad Request: inline keyboard button Web App URL 'http://example.com/' is invalid: Only HTTPS links are allowed",
  ],
  [
    "an app in a group",
    "sendMessage",
    { chat_id: GROUP, text: "x", reply_markup: button({ web_app: { url: "https://example.com/" } }) },
    "Bad Request: BUTTON_TYPE_INVALID",
  ],
  [
    "a keyboard of null",
    "sendMessage",
    { chat_id: USER, text: "x", reply_markup: { inline_keyboard: null } },
    'Bad Request: Field "inline_keyboard" must be of type Array',
  ],
  [
    "no rich content",
    "sendRichMessage",
    { chat_id: USER, rich_message: {} },
    "Bad Request: RICH_MESSAGE_CONTENT_REQUIRED",
  ],
  [
    "two rich contents",
    "sendRichMessage",
    { chat_id: USER, rich_message: { markdown: "x", html: "x" } },
    "Bad Request: RICH_MESSAGE_CONTENT_REQUIRED",
  ],
  [
    "32,769 rich characters",
    "sendRichMessage",
    { chat_id: USER, rich_message: { markdown: long(32_769) } },
    "Bad Request: message is too long",
  ],
  [
    "a thought outside a draft",
    "sendRichMessage",
    { chat_id: USER, rich_message: { markdown: "<tg-thinking>hm</tg-thinking>" } },
    "Bad Request: RICH_MESSAGE_THINKING_NOT_ALLOWED",
  ],
  [
    "21 columns",
    "sendRichMessage",
    { chat_id: USER, rich_message: { markdown: `${"|a".repeat(21)}|\n${"|-".repeat(21)}|` } },
    "Bad Request: RICH_MESSAGE_TABLE_TOO_WIDE",
  ],
  [
    "501 blocks",
    "sendRichMessage",
    { chat_id: USER, rich_message: { markdown: "# x\n".repeat(501) } },
    "Bad Request: RICH_MESSAGE_TOO_MANY_BLOCKS",
  ],
  [
    "a draft in a group",
    "sendRichMessageDraft",
    { chat_id: GROUP, draft_id: 1, rich_message: { markdown: "x" } },
    "Bad Request: TEXTDRAFT_PEER_INVALID",
  ],
  [
    "a draft numbered 0",
    "sendMessageDraft",
    { chat_id: USER, draft_id: 0, text: "x" },
    "Bad Request: draft_id must be non-zero",
  ],
  [
    "an edit of nothing",
    "editMessageText",
    { chat_id: USER, message_id: 99, text: "x" },
    "Bad Request: message to edit not found",
  ],
  [
    "an edit of a person's words",
    "editMessageText",
    { chat_id: USER, message_id: 1, text: "x" },
    "Bad Request: message can't be edited",
  ],
  [
    "an edit to the same",
    "editMessageText",
    {
      chat_id: USER,
      message_id: 2,
      text: "Shall I?",
      reply_markup: { inline_keyboard: [[{ text: "Yes", callback_data: "yes" }]] },
    },
    NOT_MODIFIED,
  ],
  ["no message number", "deleteMessage", { chat_id: USER }, "Bad Request: message identifier is not specified"],
  ["deleting nothing", "deleteMessage", { chat_id: USER, message_id: 99 }, "Bad Request: message to delete not found"],
  [
    "deleting another's in a group",
    "deleteMessage",
    { chat_id: GROUP, message_id: 1 },
    "Bad Request: message can't be deleted for everyone",
  ],
  ["an unknown query", "answerCallbackQuery", { callback_query_id: "1" }, TOO_OLD],
  [
    "an action nobody knows",
    "sendChatAction",
    { chat_id: USER, action: "sleeping" },
    "Bad Request: wrong parameter action in request",
  ],
  [
    "a command in capitals",
    "setMyCommands",
    { commands: [{ command: "Start", description: "x" }] },
    "Bad Request: BOT_COMMAND_INVALID",
  ],
  [
    "a webhook on plain http",
    "setWebhook",
    { url: "http://example.com" },
    "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
  ],
  ["a file nobody sent", "getFile", { file_id: "x" }, "Bad Request: invalid file_id"],
  [
    "a photo by link",
    "sendPhoto",
    { chat_id: USER, photo: "https://example.com/x.png" },
    "Bad Request: failed to get HTTP URL content",
  ],
  ["an invoice of nothing", "sendInvoice", { chat_id: USER }, 'Bad Request: parameter "title" is required'],
];

test.each(REFUSALS)("refuses %s in Telegram's words", async (_what, method, parameters, description) => {
  await using sim = await lived();
  const answer = await sim.call(method, parameters);
  expect(answer).toMatchObject({ ok: false, description });
  expect(sim.telegram.feed.calls.at(-1)?.error).toBe(description);
});

test("accepts values exactly at the limits", async () => {
  await using sim = await lived();
  const answers = [
    await sim.call("sendMessage", { chat_id: USER, text: long(4_096) }),
    await sim.call("sendMessage", { chat_id: USER, text: "x", reply_markup: button({ callback_data: long(32) }) }),
    await sim.call("sendRichMessage", { chat_id: USER, rich_message: { markdown: long(32_768) } }),
  ];
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
});

test("answers 401 to another token and 404 to another path", async () => {
  await using sim = testSimulator();
  const other = await sim.routes.request(`/bot${TEST_TOKEN.replace("AA", "BB")}/getMe`);
  expect(other.status).toBe(401);
  expect(await other.json()).toEqual({ ok: false, error_code: 401, description: "Unauthorized" });
});

test("reads JSON, forms, multipart and the query alike, whatever the case of the method", async () => {
  await using sim = await lived();
  const parameters = {
    chat_id: String(USER),
    text: "same",
    reply_markup: JSON.stringify(button({ callback_data: "1" })),
  };
  const path = `/bot${TEST_TOKEN}/SENDmessage`;
  const form = new FormData();
  for (const [key, value] of Object.entries(parameters)) form.set(key, value);
  for (const request of [
    { method: "POST", body: JSON.stringify(parameters), headers: { "content-type": "application/json" } },
    { method: "POST", body: new URLSearchParams(parameters) },
    { method: "POST", body: form },
  ])
    expect(await (await sim.routes.request(path, request)).json()).toMatchObject({
      ok: true,
      result: { text: "same" },
    });
  const asQuery = await sim.routes.request(`${path}?${new URLSearchParams(parameters).toString()}`);
  expect(await asQuery.json()).toMatchObject({ ok: true, result: { text: "same" } });
});

test("a body that is not JSON is refused", async () => {
  await using sim = testSimulator();
  const headers = { "content-type": "application/json" };
  const answer = await sim.routes.request(`/bot${TEST_TOKEN}/getMe`, { method: "POST", body: "{", headers });
  expect(answer.status).toBe(400);
});

test("a callback query can be answered once, and only while it is fresh", async () => {
  await using sim = await lived();
  const tapped = async () => {
    await sim.sim("tap", { user: USER, message: sim.sent.message_id, data: "yes" });
    const updates = await sim.ok<Update[]>("getUpdates");
    return updates.at(-1)?.callback_query?.id;
  };
  const first = await tapped();
  await sim.ok("answerCallbackQuery", { callback_query_id: first });
  expect(await sim.call("answerCallbackQuery", { callback_query_id: first })).toMatchObject({ description: TOO_OLD });
  const second = await tapped();
  sim.time.now += 61_000;
  expect(await sim.call("answerCallbackQuery", { callback_query_id: second })).toMatchObject({ description: TOO_OLD });
});

test("a blocked bot gets 403 until the person unblocks it, and receives an update for both", async () => {
  await using sim = await lived();
  await sim.sim("block", { user: USER });
  expect(await sim.call("sendMessage", { chat_id: USER, text: "x" })).toMatchObject({
    error_code: 403,
    description: "Forbidden: bot was blocked by the user",
  });
  await sim.sim("text", { user: USER, text: "/start" });
  await sim.ok("sendMessage", { chat_id: USER, text: "x" });
  const updates = await sim.ok<Update[]>("getUpdates");
  const statuses = updates.flatMap(({ my_chat_member: change }) => (change ? [change.new_chat_member.status] : []));
  expect(statuses).toEqual(["kicked", "member"]);
});

test("the 21st message of a minute into a group is refused with the seconds to wait", async () => {
  await using sim = await lived();
  for (let count = 0; count < 20; count++) await sim.ok("sendMessage", { chat_id: GROUP, text: `${count}` });
  expect(await sim.call("sendMessage", { chat_id: GROUP, text: "x" })).toEqual({
    ok: false,
    error_code: 429,
    description: "Too Many Requests: retry after 60",
    parameters: { retry_after: 60 },
  });
  sim.time.now += 60_000;
  await sim.ok("sendMessage", { chat_id: GROUP, text: "x" });
});

test("a fault rule applies to as many calls as requested and no more", async () => {
  await using sim = await lived();
  await sim.sim("fault", { method: "sendMessage", kind: "429", count: 2, retryAfter: 7 });
  for (let count = 0; count < 2; count++)
    expect(await sim.call("sendMessage", { chat_id: USER, text: "x" })).toMatchObject({
      parameters: { retry_after: 7 },
    });
  await sim.ok("sendMessage", { chat_id: USER, text: "x" });
  await sim.sim("fault", { method: "*", kind: "500" });
  expect(await sim.call("getMe")).toMatchObject({ error_code: 500 });
  await sim.sim("fault", { method: "getMe", kind: "drop" });
  expect((await sim.routes.request(`/bot${TEST_TOKEN}/getMe`)).status).toBe(502);
});

test("a draft is shown, and not shown again after the person has stopped it", async () => {
  await using sim = await lived();
  const draft = (markdown: string) =>
    sim.ok("sendRichMessageDraft", { chat_id: USER, draft_id: 5, rich_message: { markdown }, can_stop: true });
  await draft("Ro");
  await draft("Rome is");
  expect((await sim.transcript(USER)).draft).toMatchObject({ id: 5, text: "Rome is", canStop: true });
  expect(await sim.sim("stop", { user: USER })).toEqual({ status: 200, body: { draft: 5 } });
  await draft("Rome is the");
  expect((await sim.transcript(USER)).draft).toBeNull();
  const updates = await sim.ok<Update[]>("getUpdates");
  expect(updates.at(-1)?.stopped_message_generation).toMatchObject({ draft_id: 5, chat: { id: USER } });
  expect((await sim.sim("stop", { user: USER })).status).toBe(400);
});

test("a message of the bot replaces the draft", async () => {
  await using sim = await lived();
  await sim.ok("sendMessageDraft", { chat_id: USER, draft_id: 6, text: "Ro" });
  await sim.ok("sendMessage", { chat_id: USER, text: "Rome" });
  const { draft, messages } = await sim.transcript(USER);
  expect(draft).toBeNull();
  expect(messages.at(-1)).toMatchObject({ from: "bot", text: "Rome" });
});

test("a rich message is returned as blocks and stored as its source", async () => {
  await using sim = await lived();
  const markdown = "## Title\n\nSome **bold** words\n\n- one\n- two\n\n```ts\nlet a;\n```";
  const sent = await sim.ok<Message>("sendRichMessage", { chat_id: USER, rich_message: { markdown } });
  expect(sent.rich_message?.blocks.map(({ type }) => type)).toEqual(["heading", "paragraph", "list", "pre"]);
  expect((await sim.transcript(USER)).messages.at(-1)).toMatchObject({ text: markdown, rich: { markdown } });
});

test("a file that was sent can be downloaded, and only by its own path", async () => {
  await using sim = await lived();
  const form = new FormData();
  form.set("chat_id", String(USER));
  form.set("document", new File(["facts"], "notes.txt", { type: "text/plain" }));
  const path = `/bot${TEST_TOKEN}/sendDocument`;
  const { result } = (await (await sim.routes.request(path, { method: "POST", body: form })).json()) as {
    result: Message;
  };
  const file = await sim.ok<{ file_path: string }>("getFile", { file_id: result.document?.file_id });
  expect(await (await sim.routes.request(`/file/bot${TEST_TOKEN}/${file.file_path}`)).text()).toBe("facts");
  expect((await sim.routes.request(`/file/bot${TEST_TOKEN}/files/..%2Fjournal.jsonl`)).status).toBe(404);
});

test("commands are those of the person's language, or else the default ones", async () => {
  await using sim = testSimulator();
  await sim.sim("user", { user: 1, language: "ru" });
  await sim.sim("user", { user: 2, language: "de" });
  await sim.ok("setMyCommands", { commands: [{ command: "start", description: "Begin" }] });
  await sim.ok("setMyCommands", { commands: [{ command: "start", description: "Начать" }], language_code: "ru" });
  const card = async (user: number) => (await (await sim.routes.request(`/sim/bot?user=${user}`)).json()) as object;
  expect(await card(1)).toMatchObject({ commands: [{ command: "start", description: "Начать" }] });
  expect(await card(2)).toMatchObject({ commands: [{ command: "start", description: "Begin" }] });
});
