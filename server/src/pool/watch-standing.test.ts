/** How a running server applies an operator's decisions, which another process writes into the database. */
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CLOSE } from "@starai/protocol/worker-frames";
import { workers } from "../db/schema.ts";
import { Words, read } from "../testing/words.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { readOperatorCommand } from "../operator/operator-command.ts";
import { forgetWorkers } from "./forget-workers.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { watchStanding } from "./watch-standing.ts";

const vocabularies = testVocabularies();
// The vocabulary process takes seconds to start, on a busy machine most of a minute: it is no part of a test's time.
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

async function openWatchedPool() {
  const stack = await openPoolStack(vocabularies);
  onTestFinished(() => stack[Symbol.asyncDispose]());
  onTestFinished(watchStanding(stack.ctx));
  const operator = async (...words: string[]) => {
    const asked = readOperatorCommand(words);
    await asked?.command.run(stack.ctx, asked.words, () => undefined);
  };
  return { stack, operator };
}

test("a drained worker finishes what it has, gets nothing new, and works again when the drain is over", async () => {
  const { stack, operator } = await openWatchedPool();
  const [ann, bob] = [await stack.worker("ann"), await stack.worker("bob")];
  await operator("drain", ann.keys.key, "--reason", "moves house");
  expect((await ann.frame("dropped")).reason).toContain("drained by the operator, no new work comes: moves house");
  const running = await submitJob(stack.ctx, jobInput());
  const lease = await bob.lease();
  await operator("drain", bob.keys.key);
  await bob.frame("dropped");
  words.answer(bob, lease);
  expect((await read(running)).events.at(-1)?.kind).toBe("done");
  expect(ann.frames.filter(({ type }) => type === "lease")).toEqual([]);

  expect(stack.ctx.registry.status()).toMatchObject({ workersOnline: 2, models: [] });
  await operator("undrain", ann.keys.key);
  expect((await ann.frame("dropped")).reason).toBe("the drain is over");
  const job = await submitJob(stack.ctx, jobInput());
  words.answer(ann, await ann.lease());
  expect((await read(job)).events.at(-1)?.kind).toBe("done");
});

test("a drain outlives the worker's failure, its reconnect and the server's restart", async () => {
  const { stack, operator } = await openWatchedPool();
  const ann = await stack.worker("ann");
  const job = await submitJob(stack.ctx, jobInput());
  const { fence } = await ann.lease();
  await operator("drain", ann.keys.key, "--reason", "moves house");
  await ann.frame("dropped");
  ann.send({ type: "fail", job: job.id, fence, code: "engine_crashed", message: "boom" });
  const row = async () => {
    const drained = sql<boolean>`paused_until = 'infinity'`;
    const columns = { drained, reason: workers.pauseReason, failed: workers.failed };
    return (await stack.ctx.db.select(columns).from(workers).where(eq(workers.id, ann.keys.key)))[0];
  };
  await expect.poll(row).toEqual({ drained: true, reason: "moves house", failed: 1 });
  await stack.restart("stopped");
  await ann.join(stack.url);
  expect(stack.ctx.registry.get(ann.keys.key)?.drained).toBe(true);
  expect(ann.frames.filter(({ type }) => type === "lease")).toEqual([]);
});

test("a worker that is banned while it works is sent away with the reason; its job goes on elsewhere", async () => {
  const { stack, operator } = await openWatchedPool();
  const ann = await stack.worker("ann");
  const job = await submitJob(stack.ctx, jobInput());
  await ann.lease();
  await operator("ban", "ann", "--reason", "sends broken text");
  expect(await ann.closing()).toEqual({ code: CLOSE.banned, reason: "banned from the pool: sends broken text" });
  await expect(ann.join(stack.url)).rejects.toThrow("banned from the pool: sends broken text");
  const bob = await stack.worker("bob");
  words.answer(bob, await bob.lease());
  expect((await read(job)).events.at(-1)?.kind).toBe("done");
  await operator("unban", "ann");
  await ann.join(stack.url);
});

test("a worker that is drained and never did anything is not forgotten", async () => {
  const { stack, operator } = await openWatchedPool();
  const key = "d".repeat(64);
  await operator("drain", key);
  expect(await forgetWorkers(stack.ctx, new Date(Date.now() + 1_000))).toBe(0);
  await operator("undrain", key);
  expect(await forgetWorkers(stack.ctx, new Date(Date.now() + 1_000))).toBe(1);
});
