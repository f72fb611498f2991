import { expect, test } from "vitest";
import { TEST_TOKEN, testSimulator } from "../testing/simulator.ts";

const BAD: [what: string, route: string, body: object, words: RegExp][] = [
  ["a user in words", "text", { user: "ann", text: "x" }, /^user: /],
  ["a user below one", "text", { user: 0, text: "x" }, /^user: /],
  ["no text", "text", { user: 1 }, /^text: /],
  ["4,097 characters", "text", { user: 1, text: "x".repeat(4_097) }, /^text: .*4096/],
  ["an unknown field", "text", { user: 1, text: "x", colour: "red" }, /colour/],
  ["a reply to nothing", "text", { user: 1, text: "x", replyTo: 5 }, /no message 5/],
  ["a tap on nothing", "tap", { user: 1, message: 5, data: "x" }, /no message 5/],
  ["a tap without a button", "tap", { user: 1, message: 5 }, /"data" or "button"/],
  ["a stop of nothing", "stop", { user: 1 }, /no answer in progress/],
  ["an unknown fault", "fault", { method: "getMe", kind: "fire" }, /^kind: /],
  ["a language in words", "user", { user: 1, language: "Russian" }, /^language: /],
];

test.each(BAD)("%s is refused with a reason", async (_what, route, body, words) => {
  await using sim = testSimulator();
  const answer = await sim.sim(route, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatch(words);
});

test("a body that is not JSON, or too large, is refused", async () => {
  await using sim = testSimulator();
  const headers = { "content-type": "application/json" };
  expect((await sim.routes.request("/sim/text", { method: "POST", body: "{", headers })).status).toBe(400);
  const large = JSON.stringify({ user: 1, text: "x".repeat(300_000) });
  expect((await sim.routes.request("/sim/text", { method: "POST", body: large, headers })).status).toBe(413);
});

test("a tap on a button that does not exist is refused with a list of the buttons", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 1, text: "x" });
  const reply_markup = { inline_keyboard: [[{ text: "Yes", callback_data: "y" }]] };
  await sim.ok("sendMessage", { chat_id: 1, text: "?", reply_markup });
  const answer = await sim.sim("tap", { user: 1, message: 2, button: "No" });
  expect(answer.body.error).toBe('No such button; the message has "Yes" (y).');
});

test("a person is created by the first message and keeps a name given later", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 9, text: "x" });
  await sim.sim("user", { user: 9, name: "Ann" });
  const people = (await (await sim.routes.request("/sim/users")).json()) as unknown;
  expect(people).toMatchObject([{ id: 9, name: "Ann", language: "en" }]);
});

test("a person's message reaches the bot with the entities Telegram detects", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 9, text: "/ask@starai_bot see https://a.example/x, write me@b.example #now" });
  const [update] =
    await sim.ok<{ message: { entities: { type: string; offset: number; length: number }[] } }[]>("getUpdates");
  expect(update?.message.entities).toEqual([
    { type: "bot_command", offset: 0, length: 15 },
    { type: "url", offset: 20, length: 19 },
    { type: "email", offset: 47, length: 12 },
    { type: "hashtag", offset: 60, length: 4 },
  ]);
});

test("the event stream emits events and ends when the simulator closes", async () => {
  const sim = testSimulator();
  const response = await sim.routes.request("/sim/events");
  const read = response.text();
  await sim.sim("text", { user: 3, text: "hello" });
  await sim.ok("sendChatAction", { chat_id: 3, action: "typing" });
  await sim[Symbol.asyncDispose]();
  const text = await read;
  expect(text).toMatch(/event: message\ndata: .*"text":"hello"/);
  expect(text).toMatch(/event: action/);
  expect(text).toMatch(/event: call\ndata: .*"method":"sendChatAction"/);
});

const base64 = Buffer.from("words").toString("base64");
const heard = (sim: ReturnType<typeof testSimulator>) =>
  sim.ok<Record<string, Record<string, unknown>>[]>("getUpdates");

test("an album is a message for each file, grouped by media_group_id, with the caption under the first", async () => {
  await using sim = testSimulator();
  const files = [
    { kind: "photo", base64 },
    { kind: "photo", base64 },
  ];
  await sim.sim("files", { user: 9, files, caption: "see https://a.example" });
  const [one, two] = await heard(sim);
  expect(one?.message).toMatchObject({ caption: "see https://a.example", photo: [{ file_size: 5 }], message_id: 1 });
  expect(one?.message?.caption_entities).toEqual([{ type: "url", offset: 4, length: 17 }]);
  expect(two?.message).not.toHaveProperty("caption");
  expect(two?.message?.media_group_id).toBe(one?.message?.media_group_id);
});

test("a file a person sends can be fetched by the bot, byte for byte", async () => {
  await using sim = testSimulator();
  await sim.sim("files", { user: 9, files: [{ kind: "document", name: "a.txt", mimeType: "text/plain", base64 }] });
  const [update] = await heard(sim);
  const document = update?.message?.document as { file_id: string; file_name: string; mime_type: string };
  expect(document).toMatchObject({ file_name: "a.txt", mime_type: "text/plain" });
  const { file_path } = await sim.ok<{ file_path: string }>("getFile", { file_id: document.file_id });
  expect(await (await sim.routes.request(`/file/bot${TEST_TOKEN}/${file_path}`)).text()).toBe("words");
});

test("an edit and a forward reach the bot as Telegram sends them", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 9, text: "one" });
  await sim.sim("edit", { user: 9, message: 1, text: "/two" });
  await sim.sim("forward", { user: 9, message: 1 });
  await sim.sim("forward", { user: 9, channel: "News", text: "three" });
  const [, edit, own, news] = await heard(sim);
  expect(edit?.edited_message).toMatchObject({ message_id: 1, text: "/two", edit_date: expect.any(Number) });
  expect(edit?.edited_message?.entities).toEqual([{ type: "bot_command", offset: 0, length: 4 }]);
  expect(own?.message).toMatchObject({ text: "/two", forward_origin: { type: "user", sender_user: { id: 9 } } });
  expect(own?.message).not.toHaveProperty("edit_date");
  expect(news?.message).toMatchObject({ text: "three", forward_origin: { type: "channel", chat: { title: "News" } } });
});

test.each([
  [
    "an album of stickers",
    "files",
    {
      user: 9,
      files: [
        { kind: "sticker", base64 },
        { kind: "photo", base64 },
      ],
    },
    /one by one/,
  ],
  ["a file that is no base64", "files", { user: 9, files: [{ kind: "photo", base64: "?" }] }, /base64/],
  [
    "eleven files",
    "files",
    { user: 9, files: Array.from({ length: 11 }, () => ({ kind: "photo", base64 })) },
    /^files: /,
  ],
  ["an edit of another's message", "edit", { user: 8, chat: -5, message: 1, text: "x" }, /only their own/],
  ["an edit of what was forwarded", "edit", { user: 9, message: 1, text: "x" }, /forwarded/],
  ["a forward of nothing", "forward", { user: 9 }, /either/],
  ["a forward of what is not there", "forward", { user: 9, message: 7 }, /no message 7/],
])("%s is refused with a reason", async (_what, route, body, words) => {
  await using sim = testSimulator();
  await sim.sim("forward", { user: 9, text: "kept" });
  await sim.sim("text", { user: 9, chat: -5, text: "kept" });
  const answer = await sim.sim(route, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatch(words);
});
