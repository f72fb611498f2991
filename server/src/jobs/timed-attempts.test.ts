/** What an attempt took and might have taken, as its row keeps it for the worker's pay. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { attempts } from "../db/schema.ts";
import { serviceLevel } from "@starai/protocol/service-level";
import { levelMs } from "../prices/service-level.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { Words, heard } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

test("each attempt has its own time and level: of what it had to read and of what it wrote itself", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const input = jobInput();
  const handle = await submitJob(stack.ctx, input);
  const { promptTokens, model } = stack.ctx.queue.find(input.key)!.facts;
  const lease = await ann.lease();
  words.speak(ann, lease, 0, 2);
  await heard(handle, words.text(0, 2));
  const bob = await stack.worker("bob");
  ann.send({ type: "fail", job: lease.job, fence: lease.fence, code: "engine_crashed", message: "abort" });
  const rest = await bob.lease();
  words.speak(bob, rest, 2, 3);
  bob.done(rest);
  await handle.result();
  const rows = async () =>
    stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id)).orderBy(attempts.fence);
  await expect.poll(async () => (await rows()).map(({ end }) => end === null)).toEqual([false, false]);
  const [first, second] = await rows();
  const level = serviceLevel(model);
  expect(first!.levelMs).toBe(levelMs(level, { read: promptTokens, written: 2 }));
  expect(second!.levelMs).toBe(levelMs(level, { read: promptTokens + 2, written: 1 }));
  for (const { tookMs } of [first!, second!]) expect(tookMs).toBeGreaterThanOrEqual(0);
});

test("a job that was cancelled keeps the time of the attempt that was under way", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput());
  words.speak(ann, await ann.lease(), 0, 1);
  await heard(handle, words.text(0, 1));
  await handle.cancel("enough");
  const [row] = await stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id));
  expect(row).toMatchObject({ tookMs: expect.any(Number) as number, levelMs: expect.any(Number) as number });
});
