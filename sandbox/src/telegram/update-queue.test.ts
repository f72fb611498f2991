import type { Update } from "@grammyjs/types";
import { expect, test } from "vitest";
import { testSimulator } from "../testing/simulator.ts";

const texts = (updates: Update[]) => updates.map(({ message }) => message?.text);

async function withTexts(...said: string[]) {
  const sim = testSimulator();
  for (const text of said) await sim.sim("text", { user: 1, text });
  return sim;
}

test("updates stay until a later offset confirms them", async () => {
  await using sim = await withTexts("a", "b", "c");
  const first = await sim.ok<Update[]>("getUpdates", { limit: 2 });
  expect(texts(first)).toEqual(["a", "b"]);
  expect(texts(await sim.ok("getUpdates", { limit: 2 }))).toEqual(["a", "b"]);
  const offset = (first[1]?.update_id ?? 0) + 1;
  expect(texts(await sim.ok("getUpdates", { offset }))).toEqual(["c"]);
  expect(texts(await sim.ok("getUpdates"))).toEqual(["c"]);
});

test("a negative offset keeps the newest and forgets the rest", async () => {
  await using sim = await withTexts("a", "b", "c");
  expect(texts(await sim.ok("getUpdates", { offset: -1 }))).toEqual(["c"]);
  expect(texts(await sim.ok("getUpdates"))).toEqual(["c"]);
});

test("kinds the bot did not subscribe to use up an id and are not delivered", async () => {
  await using sim = await withTexts();
  await sim.ok("getUpdates", { allowed_updates: ["callback_query"] });
  await sim.sim("text", { user: 1, text: "unheard" });
  await sim.ok("getUpdates", { allowed_updates: [] });
  await sim.sim("text", { user: 1, text: "heard" });
  const updates = await sim.ok<Update[]>("getUpdates");
  expect(texts(updates)).toEqual(["heard"]);
  expect(updates[0]?.update_id).toBe(2);
});

test("a long poll is answered by the first update", async () => {
  await using sim = await withTexts();
  const poll = sim.ok<Update[]>("getUpdates", { timeout: 50 });
  await sim.sim("text", { user: 1, text: "now" });
  expect(texts(await poll)).toEqual(["now"]);
});

test("a poll ends when a webhook is set, and no poll starts while one is set", async () => {
  await using sim = await withTexts();
  const poll = sim.call("getUpdates", { timeout: 50 });
  await sim.ok("setWebhook", { url: "https://elsewhere.invalid/hook" });
  expect(await poll).toMatchObject({ error_code: 409, description: expect.stringContaining("setWebhook") });
  expect(await sim.call("getUpdates")).toMatchObject({
    error_code: 409,
    description: expect.stringContaining("webhook"),
  });
  await sim.ok("deleteWebhook");
  expect(await sim.ok("getUpdates")).toEqual([]);
});

test("each new poll ends the previous one, however many there were", async () => {
  await using sim = await withTexts();
  const polls = [sim.call("getUpdates", { timeout: 50 })];
  // The second poll takes over while the first ends, and must still be registered when the third arrives.
  polls.push(sim.call("getUpdates", { timeout: 50 }));
  expect(await polls[0]).toMatchObject({ error_code: 409 });
  polls.push(sim.call("getUpdates", { timeout: 50 }));
  await sim.sim("text", { user: 1, text: "for the last" });
  expect(await polls[1]).toMatchObject({ error_code: 409, description: expect.stringContaining("other getUpdates") });
  expect(await polls[2]).toMatchObject({ ok: true, result: [{ message: { text: "for the last" } }] });
});

test("a poll ends empty when the simulator closes", async () => {
  const sim = testSimulator();
  const poll = sim.ok<Update[]>("getUpdates", { timeout: 50 });
  await sim[Symbol.asyncDispose]();
  expect(await poll).toEqual([]);
});

test("in a group the bot receives commands, mentions and replies to itself, and nothing else", async () => {
  await using sim = await withTexts();
  const chat = -5;
  await sim.sim("text", { user: 1, chat, text: "just talking" });
  await sim.sim("text", { user: 1, chat, text: "/help@other_bot" });
  await sim.sim("text", { user: 1, chat, text: "/help@starai_bot" });
  await sim.sim("text", { user: 1, chat, text: "hey @StarAI_bot" });
  const { message_id } = await sim.ok<{ message_id: number }>("sendMessage", { chat_id: chat, text: "yes?" });
  await sim.sim("text", { user: 1, chat, text: "this one", replyTo: message_id });
  expect(texts(await sim.ok("getUpdates"))).toEqual(["/help@starai_bot", "hey @StarAI_bot", "this one"]);
});
