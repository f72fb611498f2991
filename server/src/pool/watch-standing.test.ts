/** What a running server makes of an operator's decisions, which come from another process by the database. */
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CLOSE } from "@starai/protocol/worker-frames";
import { workers } from "../db/schema.ts";
import { Words, read } from "../jobs/test-words.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { readOperatorCommand } from "../operator/operator-command.ts";
import { forgetWorkers } from "./forget-workers.ts";
import { jobInput, openPoolHouse, testVocabularies } from "./test-pool-house.ts";
import { watchStanding } from "./watch-standing.ts";

const vocabularies = testVocabularies();
// Its process takes seconds to start, on a busy machine most of a minute: no test's own time.
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

async function openWatchedPool() {
  const house = await openPoolHouse(vocabularies);
  onTestFinished(() => house[Symbol.asyncDispose]());
  onTestFinished(watchStanding(house.ctx));
  const operator = async (...words: string[]) => {
    const asked = readOperatorCommand(words);
    await asked?.command.run(house.ctx, asked.words, () => undefined);
  };
  return { house, operator };
}

test("a drained worker finishes what it has, gets nothing new, and works again when the drain is over", async () => {
  const { house, operator } = await openWatchedPool();
  const [ann, bob] = [await house.worker("ann"), await house.worker("bob")];
  await operator("drain", ann.keys.key, "--reason", "moves house");
  expect((await ann.frame("dropped")).reason).toContain("drained by the operator, no new work comes: moves house");
  const running = await submitJob(house.ctx, jobInput());
  const lease = await bob.lease();
  await operator("drain", bob.keys.key);
  await bob.frame("dropped");
  words.answer(bob, lease);
  expect((await read(running)).events.at(-1)?.kind).toBe("done");
  expect(ann.frames.filter(({ type }) => type === "lease")).toEqual([]);

  expect(house.ctx.registry.status()).toMatchObject({ workersOnline: 2, models: [] });
  await operator("undrain", ann.keys.key);
  expect((await ann.frame("dropped")).reason).toBe("the drain is over");
  const job = await submitJob(house.ctx, jobInput());
  words.answer(ann, await ann.lease());
  expect((await read(job)).events.at(-1)?.kind).toBe("done");
});

test("a drain outlives the worker's failure, its reconnect and the server's restart", async () => {
  const { house, operator } = await openWatchedPool();
  const ann = await house.worker("ann");
  const job = await submitJob(house.ctx, jobInput());
  const { fence } = await ann.lease();
  await operator("drain", ann.keys.key, "--reason", "moves house");
  await ann.frame("dropped");
  ann.send({ type: "fail", job: job.id, fence, code: "engine_crashed", message: "boom" });
  const row = async () => {
    const drained = sql<boolean>`paused_until = 'infinity'`;
    const columns = { drained, reason: workers.pauseReason, failed: workers.failed };
    return (await house.ctx.db.select(columns).from(workers).where(eq(workers.id, ann.keys.key)))[0];
  };
  await expect.poll(row).toEqual({ drained: true, reason: "moves house", failed: 1 });
  await house.restart("stopped");
  await ann.join(house.url);
  expect(house.ctx.registry.get(ann.keys.key)?.drained).toBe(true);
  expect(ann.frames.filter(({ type }) => type === "lease")).toEqual([]);
});

test("a worker that is banned while it works is sent away with the reason; its job goes on elsewhere", async () => {
  const { house, operator } = await openWatchedPool();
  const ann = await house.worker("ann");
  const job = await submitJob(house.ctx, jobInput());
  await ann.lease();
  await operator("ban", "ann", "--reason", "sends broken text");
  expect(await ann.closing()).toEqual({ code: CLOSE.banned, reason: "banned from the pool: sends broken text" });
  await expect(ann.join(house.url)).rejects.toThrow("banned from the pool: sends broken text");
  const bob = await house.worker("bob");
  words.answer(bob, await bob.lease());
  expect((await read(job)).events.at(-1)?.kind).toBe("done");
  await operator("unban", "ann");
  await ann.join(house.url);
});

test("a worker that is drained and never did anything is not forgotten", async () => {
  const { house, operator } = await openWatchedPool();
  const key = "d".repeat(64);
  await operator("drain", key);
  expect(await forgetWorkers(house.ctx, new Date(Date.now() + 1_000))).toBe(0);
  await operator("undrain", key);
  expect(await forgetWorkers(house.ctx, new Date(Date.now() + 1_000))).toBe(1);
});
