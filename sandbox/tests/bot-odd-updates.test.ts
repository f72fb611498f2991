/** Malformed updates: whatever their shape, the bot keeps running and the next person is answered. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openBotStack } from "./bot-stack.ts";

const ID = "00000000-0000-4000-8000-000000000000";
const from = { id: 42, is_bot: false, first_name: "Ann", language_code: "en" };
const chat = { id: 42, type: "private", first_name: "Ann" };
const group = { id: -100_500, type: "supergroup", title: "Group" };
const message = { message_id: 7, date: 1, chat, from, text: "hello" };
const mention = [{ type: "mention", offset: 0, length: 3 }];
const command = [{ type: "bot_command", offset: 0, length: 4 }];
const tap = { id: "1", from, chat_instance: "1", message };

const UPDATES: object[] = [
  { message },
  { message: { ...message, chat: group, text: "@me hello", entities: mention, reply_to_message: message } },
  { edited_message: { ...message, text: "hello you", edit_date: 2 } },
  { message: { ...message, forward_origin: { type: "user", sender_user: from, date: 1 } } },
  { message: { ...message, text: "x".repeat(4_096) } },
  { message: { ...message, text: undefined, media_group_id: "1", document: { file_id: "f", file_name: "a.txt" } } },
  { message: { ...message, photo: [], caption: "@me", caption_entities: mention, is_topic_message: true } },
  ...["/new", "/stop", "/model", "/persona x", "/privacy", "/start x", "/settings", "/app"].map((text) => ({
    message: { ...message, text, entities: command },
  })),
  ...[`stop:${ID}`, `steps:${ID}`, `continue:${ID}`, "model:0123456789abcdef", "persona:x", "any"].map((data) => ({
    callback_query: { ...tap, data },
  })),
  { my_chat_member: { chat: group, from, date: 1, new_chat_member: { user: from, status: "kicked" } } },
  { stopped_message_generation: { chat, from, draft_id: 1 } },
];

const ODD: unknown[] = [
  undefined,
  null,
  true,
  -1,
  0,
  1.5,
  1e20,
  "",
  "\0",
  "\ud800",
  "/new",
  "x".repeat(40_000),
  [],
  [null],
  {},
  [[[]]],
];
const odd = fc.constantFrom(...ODD);

/** Returns a copy with the value at `path` replaced; each number of the path chooses a member, modulo their count. */
function changed(value: unknown, path: readonly number[], to: unknown): unknown {
  if (path.length === 0 || typeof value !== "object" || value === null) return to;
  const keys = Object.keys(value);
  if (keys.length === 0) return to;
  const key = keys[path[0]! % keys.length]!;
  const inner = changed((value as Record<string, unknown>)[key], path.slice(1), to);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}

const oddUpdate = fc
  .tuple(fc.constantFrom(...UPDATES), fc.array(fc.tuple(fc.array(fc.nat(), { maxLength: 5 }), odd), { maxLength: 3 }))
  .map(([update, changes]) => changes.reduce<unknown>((value, [path, to]) => changed(value, [0, ...path], to), update));

test("no malformed update stops the bot", { timeout: 120_000 }, async () => {
  await using stack = await openBotStack();
  for (const user of [42, 77]) {
    await stack.say(user, "hello");
    await stack.until(user, (all) => all.length === 2);
  }
  const webhook = await stack.webhookBot();
  let id = 1_000;
  await fc.assert(
    fc.asyncProperty(oddUpdate, async (update) => {
      const delivered = await webhook.deliver({ ...(update as object), update_id: id++ });
      expect([200, 400]).toContain(delivered.status);
    }),
    { numRuns: 150 },
  );
  // An unhandled rejection, which would end a real process, also fails this test.
  const person = { ...from, id: 77 };
  await webhook.deliver({
    update_id: id,
    message: { ...message, from: person, chat: { ...chat, id: 77 }, text: "still there?" },
  });
  await stack.until(77, (all) => all.at(-1)?.text.endsWith("still there?") === true);
});
