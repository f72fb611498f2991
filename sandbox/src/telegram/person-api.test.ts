import { expect, test } from "vitest";
import { testSimulator } from "./test-simulator.ts";

const BAD: [what: string, route: string, body: object, words: RegExp][] = [
  ["a user in words", "text", { user: "ann", text: "x" }, /^user: /],
  ["a user below one", "text", { user: 0, text: "x" }, /^user: /],
  ["no text", "text", { user: 1 }, /^text: /],
  ["4,097 characters", "text", { user: 1, text: "x".repeat(4_097) }, /^text: .*4096/],
  ["an unknown field", "text", { user: 1, text: "x", colour: "red" }, /colour/],
  ["a reply to nothing", "text", { user: 1, text: "x", replyTo: 5 }, /no message 5/],
  ["a tap on nothing", "tap", { user: 1, message: 5, data: "x" }, /no message 5/],
  ["a tap without a button", "tap", { user: 1, message: 5 }, /"data" or "button"/],
  ["a stop of nothing", "stop", { user: 1 }, /Nothing is being written/],
  ["an unknown fault", "fault", { method: "getMe", kind: "fire" }, /^kind: /],
  ["a language in words", "user", { user: 1, language: "Russian" }, /^language: /],
];

test.each(BAD)("%s is refused with what is wrong", async (_what, route, body, words) => {
  await using sim = testSimulator();
  const answer = await sim.sim(route, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatch(words);
});

test("a body that is no JSON, or too large, is refused", async () => {
  await using sim = testSimulator();
  const headers = { "content-type": "application/json" };
  expect((await sim.routes.request("/sim/text", { method: "POST", body: "{", headers })).status).toBe(400);
  const large = JSON.stringify({ user: 1, text: "x".repeat(300_000) });
  expect((await sim.routes.request("/sim/text", { method: "POST", body: large, headers })).status).toBe(413);
});

test("a tap that meets no button says which there are", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 1, text: "x" });
  const reply_markup = { inline_keyboard: [[{ text: "Yes", callback_data: "y" }]] };
  await sim.ok("sendMessage", { chat_id: 1, text: "?", reply_markup });
  const answer = await sim.sim("tap", { user: 1, message: 2, button: "No" });
  expect(answer.body.error).toBe('No such button; the message has "Yes" (y).');
});

test("a person is made by the first message and keeps a name given later", async () => {
  await using sim = testSimulator();
  await sim.sim("text", { user: 9, text: "x" });
  await sim.sim("user", { user: 9, name: "Ann" });
  const people = (await (await sim.routes.request("/sim/users")).json()) as unknown;
  expect(people).toMatchObject([{ id: 9, name: "Ann", language: "en" }]);
});

test("what a person writes reaches the bot with the entities Telegram finds", async () => {
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

test("the event stream tells what happens and ends with the simulator", async () => {
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
