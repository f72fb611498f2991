/** Admission of many identities: what one key, one address and a crowd of idle workers can hold, with small limits. */
import { afterAll, expect, test } from "vitest";
import { CLOSE, PROTOCOL } from "@starai/protocol/worker-frames";
import { attempts, creditTotals, workers } from "../db/schema.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { forgetWorkers } from "./forget-workers.ts";
import { ScriptedWorker, newKeys } from "../testing/scripted-worker.ts";
import { jobInput, openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** Proves its key and then sends nothing: the pool waits for `ready`. */
async function prove(stack: PoolStack, keys = newKeys()): Promise<ScriptedWorker> {
  const worker = new ScriptedWorker("eve", [plumbingModel()], keys);
  await worker.connect(stack.url);
  worker.send({ type: "hello", protocol: PROTOCOL, key: keys.key });
  worker.send({ type: "proof", signature: worker.sign(await worker.frame("challenge")) });
  return worker;
}

function sayReady(worker: ScriptedWorker): void {
  worker.send({ type: "ready", name: "eve", version: "1", devices: [], models: worker.models, holding: [] });
}

async function answerOneJob(stack: PoolStack, worker: ScriptedWorker): Promise<void> {
  const job = await submitJob(stack.ctx, jobInput());
  const lease = await worker.lease();
  worker.tokens(lease, null, "Hi");
  worker.done(lease);
  await job.result();
}

/** Runs `work` while the table of workers is locked against every other reader and writer. */
async function whileLocked(stack: PoolStack, work: () => Promise<void>): Promise<void> {
  const client = await stack.ctx.pg.connect();
  await client.query("begin; lock table workers in access exclusive mode");
  try {
    await work();
  } finally {
    await client.query("rollback");
    client.release();
  }
}

test("a proof closes the earlier socket of the same key in the handshake, and honest machines still join", async () => {
  await using stack = await openPoolStack(vocabularies, { unprovenPerAddressMax: 50, workersPerAddressMax: 100 });
  const keys = newKeys();
  const crowd: ScriptedWorker[] = [];
  for (let count = 0; count < 30; count++) crowd.push(await prove(stack, keys));
  const [last, ...earlier] = crowd.toReversed();
  for (const one of earlier) expect((await one.closing()).code).toBe(CLOSE.replaced);
  expect(last?.closed).toBeNull();
  await stack.worker("ann");
  expect(stack.ctx.registry.size).toBe(1);
});

test("a connected key that connects again keeps its first connection until the second is welcomed", async () => {
  await using stack = await openPoolStack(vocabularies);
  const keys = newKeys();
  const first = await stack.worker("ann", {}, keys);
  const second = await prove(stack, keys);
  expect(first.closed).toBeNull();
  sayReady(second);
  await second.frame("welcome");
  expect((await first.closing()).code).toBe(CLOSE.replaced);
});

test("a proven key that never sends ready is disconnected", async () => {
  await using stack = await openPoolStack(vocabularies);
  const eve = await prove(stack);
  expect((await eve.closing()).code).toBe(CLOSE.full);
});

test("a worker whose welcome waits too long for the database is closed, and joins at a later try", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await prove(stack);
  await whileLocked(stack, async () => {
    sayReady(ann);
    expect((await ann.closing()).code).toBe(CLOSE.full);
  });
  await ann.join(stack.url);
  expect(stack.ctx.registry.size).toBe(1);
  await ann.leave();
});

test("frames before the welcome are limited, even while a step of the handshake waits", async () => {
  await using stack = await openPoolStack(vocabularies);
  const eve = await prove(stack);
  await whileLocked(stack, async () => {
    for (let count = 0; count < 20; count++) sayReady(eve);
    expect(await eve.closing()).toEqual({ code: CLOSE.badFrame, reason: "too many frames before the welcome" });
  });
});

test("an address has its share of workers, however many keys it makes, and none of them is remembered", async () => {
  await using stack = await openPoolStack(vocabularies, { workersPerAddressMax: 3 });
  const outcomes: string[] = [];
  for (let count = 0; count < 12; count++)
    outcomes.push(
      await stack.worker(`eve${count}`).then(
        () => "in",
        (error: Error) => error.message,
      ),
    );
  expect(outcomes.filter((outcome) => outcome === "in")).toHaveLength(3);
  expect(outcomes.filter((outcome) => outcome.includes("429"))).toHaveLength(9);
  expect(await stack.ctx.db.select().from(workers)).toEqual([]);
});

test("a network has its share too, and a place is free again when a worker leaves", async () => {
  await using stack = await openPoolStack(vocabularies, { workersPerNetworkMax: 2 });
  const first = await stack.worker("one");
  await stack.worker("two");
  await expect(stack.worker("three")).rejects.toThrow("429");
  await first.leave();
  await expect.poll(() => stack.worker("four").then(() => "in", String)).toBe("in");
});

test("when too many join at once the one that has waited longest is closed, and an honest one joins", async () => {
  await using stack = await openPoolStack(vocabularies, { handshakesMax: 3, unprovenPerAddressMax: 50 });
  const crowd = [await prove(stack), await prove(stack), await prove(stack)];
  await stack.worker("ann");
  expect((await crowd[0]!.closing()).reason).toContain("too many machines join at once");
  expect(crowd.slice(1).map(({ closed }) => closed)).toEqual([null, null]);
});

test("a full pool makes room for a machine with a record, and for no other in its first minute", async () => {
  await using stack = await openPoolStack(vocabularies, { workersMax: 2 });
  const keys = newKeys();
  await stack.ctx.db.insert(workers).values({ id: keys.key, name: "ann", version: "1", completed: 3, failed: 1 });
  const [first, second] = [await stack.worker("eve1"), await stack.worker("eve2")];
  await expect(stack.worker("eve3")).rejects.toThrow(`${CLOSE.full} the pool is full`);
  const ann = await stack.worker("ann", {}, keys);
  expect((await first.closing()).code).toBe(CLOSE.full);
  await expect.poll(() => stack.ctx.registry.size).toBe(2);
  expect([ann.closed, second.closed]).toEqual([null, null]);
});

test("a machine that answered keeps its place in a full pool, even against a newcomer with a record", async () => {
  await using stack = await openPoolStack(vocabularies, { workersMax: 1 });
  const ann = await stack.worker("ann", { tokenIds: false });
  await answerOneJob(stack, ann);
  const keys = newKeys();
  await stack.ctx.db.insert(workers).values({ id: keys.key, name: "bob", version: "1", completed: 9 });
  await expect(stack.worker("bob", {}, keys)).rejects.toThrow(String(CLOSE.full));
  expect(ann.closed).toBeNull();
});

test("a key without any record is forgotten, one with a record is not", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { db } = stack.ctx;
  const [old, cut] = [new Date("2026-01-01"), new Date("2026-01-10")];
  const row = { name: "w", version: "1", lastSeenAt: old };
  await db.insert(workers).values([
    { ...row, id: "idle" },
    { ...row, id: "seen lately", lastSeenAt: new Date() },
    { ...row, id: "answered", completed: 1 },
    { ...row, id: "failed", failed: 1 },
    { ...row, id: "paused", pauses: 1 },
    { ...row, id: "banned", bannedAt: old },
    { ...row, id: "tried" },
    { ...row, id: "held layers" },
  ]);
  await db.insert(creditTotals).values({ worker: "held layers", asset: "coin", firstEpoch: 1 });
  const ann = await stack.worker("ann", { tokenIds: false });
  await answerOneJob(stack, ann);
  await db.update(attempts).set({ workerId: "tried" });
  expect(await forgetWorkers(stack.ctx, cut)).toBe(1);
  expect((await db.select().from(workers)).map(({ id }) => id)).not.toContain("idle");
  expect((await db.select().from(workers)).map(({ id }) => id)).toContain("held layers");
});
