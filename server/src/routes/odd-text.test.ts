/** Text that no row can store, from people and from Telegram: NUL and lone surrogates in every text field. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf } from "../client.ts";
import { markHandled, storeUpdates, unhandledUpdates } from "../threads/store-updates.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { botOf, newExternalId, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;

beforeAll(async () => {
  stack = await openTestApp();
  ann = await newPerson(stack);
});
afterAll(() => stack[Symbol.asyncDispose]());

describe.each([
  ["NUL", "\0"],
  ["half a surrogate pair", "\ud83d"],
])("%s", (_name, odd) => {
  test("in a message, a title, a person's name or their instructions is stored", async () => {
    const person = { telegramId: 7, name: `Ann${odd}`, language: "en" };
    const message = { person, chat: "telegram:7", externalId: newExternalId(), text: `hello${odd}there` };
    const { run } = await answerOf(() => botOf(stack).api.messages.$post({ json: message }));
    await stack.ended(run);
    const thread = await ann.newThread();
    const changed = await ann.change(thread, { title: `My${odd}title`, instructions: `Call me${odd}captain.` });
    for (const text of [changed.title, changed.instructions]) expect(text).toMatch(/^\w+ ?\w*\uFFFD?\w+\.?$/);
  });

  test("in a search is ignored, and the words around it are found", async () => {
    const thread = await ann.newThread();
    const { run } = await ann.send(thread, `the purple ${odd === "\0" ? "walrus" : "narwhal"}`);
    await stack.ended(run);
    const { threads } = await ann.list({ q: `${odd} purple ${odd === "\0" ? "walrus" : "narwhal"}` });
    expect(threads.map(({ id }) => id)).toEqual([thread]);
  });

  test("in a model's or a preset's name is refused in words", async () => {
    await expect(ann.change(await ann.newThread(), { model: `m${odd}` })).rejects.toMatchObject({
      code: "model_not_found",
    });
    await expect(ann.list({ before: odd })).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("in an update does not block the updates sent with it", async () => {
    const bot = odd.charCodeAt(0) + 1;
    const text = { update_id: 1, message: { text: `a${odd}b`, [`key${odd}`]: 1 } };
    expect(await storeUpdates(stack.ctx, { bot, updates: [text, { update_id: 2 }] })).toEqual([1, 2]);
    await markHandled(stack.ctx, { bot, updateId: 2 });
    expect(await unhandledUpdates(stack.ctx, { bot, after: 0 })).toEqual([
      { update_id: 1, message: { text: "a\uFFFDb", "key\uFFFD": 1 } },
    ]);
  });
});
