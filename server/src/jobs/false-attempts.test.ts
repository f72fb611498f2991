/** Which attempts earn nothing: those whose output could not be true, and no others. */
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lease } from "@starai/protocol/worker-frames";
import { attempts } from "../db/schema.ts";
import { openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { beside, sentence } from "../testing/liars.ts";
import { Words, heard } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

type Act = (worker: ScriptedWorker, lease: Lease) => void;

/** How the first attempt's row is after it acted and an honest worker was asked. */
async function firstAttempt(stack: PoolStack, act: Act, over = {}, claims = {}) {
  const { liar, lease, honest, handle } = await beside(stack, over, claims);
  act(liar, lease);
  await honest.lease();
  const rows = () =>
    stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id)).orderBy(asc(attempts.fence));
  await expect.poll(async () => (await rows())[0]?.endedAt).toBeTruthy();
  return (await rows())[0]!;
}

const fail = (code: "engine_crashed" | "busy" | "out_of_memory"): Act => {
  return (worker, { job, fence }) => worker.send({ type: "fail", job, fence, code, message: "it happens" });
};

describe("an attempt is false", () => {
  test.each<[string, Act]>([
    ["its text is not what its ids say", (worker, lease) => worker.tokens(lease, words.ids(0, 1), "something else")],
    ["its ids are in no vocabulary", (worker, lease) => worker.tokens(lease, [2 ** 31], "?")],
    ["its ids did not come, though they were promised", (worker, lease) => worker.tokens(lease, null, "words")],
    [
      "its frames are out of order",
      (worker, { job, fence }) => worker.send({ type: "tokens", job, fence, seq: 7, tokens: [], text: "" }),
    ],
    ["it said that the length was reached", (worker, lease) => worker.done(lease, "length")],
  ])("when %s", async (_what, act) => {
    await using stack = await openPoolStack(vocabularies);
    expect(await firstAttempt(stack, act)).toMatchObject({ isFalse: true });
  });

  test.each<[string, object]>([
    ["an engine that has our grammar", {}],
    ["an engine that only has the schema, though that is not its owner's fault", { tokenIds: false }],
  ])("when it left its form: %s", async (_what, claims) => {
    await using stack = await openPoolStack(vocabularies);
    const act: Act = (worker, lease) =>
      "tokenIds" in claims
        ? worker.tokens(lease, null, "something else")
        : worker.tokens(lease, words.ids(4, 5), words.text(4, 5));
    const row = await firstAttempt(stack, act, { constraint: sentence(words) }, claims);
    expect(row).toMatchObject({ isFalse: true, tokens: 0 });
  });

  test("when it ended before its form was whole", async () => {
    await using stack = await openPoolStack(vocabularies);
    const act: Act = (worker, lease) => {
      words.speak(worker, lease, 0, 1);
      worker.done(lease);
    };
    const row = await firstAttempt(stack, act, { constraint: sentence(words) });
    expect(row).toMatchObject({ isFalse: true, tokens: 1 });
  });
});

describe("an attempt is not false", () => {
  test.each<[string, Act]>([
    ["its machine died", (worker) => worker.kill()],
    ["its engine died", fail("engine_crashed")],
    ["its machine has no memory left", fail("out_of_memory")],
    ["it was refused", fail("busy")],
    ["its answer was empty, which a model may mean", (worker, lease) => worker.done(lease)],
  ])("when %s", async (_what, act) => {
    await using stack = await openPoolStack(vocabularies);
    expect(await firstAttempt(stack, act)).toMatchObject({ isFalse: false });
  });
});

test("what a false attempt committed before it stays in the answer, with its tokens counted", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { liar, lease, honest, handle } = await beside(stack);
  words.speak(liar, lease, 0, 2);
  await heard(handle, words.text(0, 2));
  liar.tokens(lease, words.ids(2, 3), "something else");
  const rest = await honest.lease();
  expect(rest.committed.text).toBe(words.text(0, 2));
  words.speak(honest, rest, 2, 3);
  honest.done(rest);
  expect(await handle.result()).toMatchObject({ text: words.text(0, 3), usage: { completionTokens: 3 } });
  await expect
    .poll(() => stack.ctx.db.select().from(attempts).orderBy(asc(attempts.fence)))
    .toMatchObject([
      { tokens: 2, isFalse: true },
      { tokens: 1, isFalse: false, end: "done" },
    ]);
});
