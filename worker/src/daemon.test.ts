import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { CLOSE } from "@starai/protocol/worker-frames";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { WorkerConfig } from "./config.ts";
import { startWorker } from "./daemon.ts";
import type { Worker } from "./daemon.ts";
import { leaseOf, TestPool } from "./testing/pool.ts";

const logger = pino({ level: "silent" });
const config: Omit<WorkerConfig, "home" | "poolUrl"> = {
  modelsFolder: modelsFolder(process.env, homedir()),
  name: "test",
  engines: [{ kind: "llama", model: "smollm2-135m" }],
  threads: 1,
  logLevel: "silent",
};

let pool: TestPool;
let worker: Worker;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "starai-worker-"));
  pool = new TestPool();
  worker = await startWorker({ ...config, home, poolUrl: await pool.listening() }, { logger });
  await worker.ready;
}, 60_000);

afterAll(async () => {
  await worker.stop();
  await pool.close();
  await rm(home, { recursive: true });
});

beforeEach(() => {
  pool.frames.length = 0;
  pool.resume = () => [];
  pool.storing = true;
});

test("a lease produces numbered frames of text and ids, then done", async () => {
  const lease = leaseOf("What is the capital of France?");
  pool.send(lease);
  const done = await pool.next("done", (frame) => frame.job === lease.job);
  const frames = pool.tokensOf(lease.job);
  expect(frames.map((frame) => frame.seq)).toEqual(frames.map((_, index) => index));
  expect(done.seq).toBe(frames.length);
  expect(pool.textOf(lease.job)).toContain("Paris");
  expect(frames.flatMap((frame) => frame.tokens ?? []).length).toBeGreaterThan(3);
});

test("two leases run at once", async () => {
  const [one, two] = [leaseOf("Tell me about cats."), leaseOf("Tell me about dogs.")];
  pool.send(one);
  pool.send(two);
  const seen = () => pool.all("tokens").map((frame) => frame.job);
  await pool.next("done", (frame) => frame.job === one.job);
  await pool.next("done", (frame) => frame.job === two.job);
  const firstOfTwo = seen().indexOf(two.job);
  expect(firstOfTwo).toBeGreaterThanOrEqual(0);
  expect(firstOfTwo).toBeLessThan(seen().lastIndexOf(one.job));
});

test("a cancelled lease sends nothing more, and the worker accepts the next", async () => {
  const lease = leaseOf("Count from one to a thousand.", { maxTokens: 2_000 });
  pool.send(lease);
  await pool.next("tokens", (frame) => frame.job === lease.job);
  pool.send({ type: "cancel", job: lease.job, fence: lease.fence });
  await pool.next("heartbeat", (frame) => frame.running === 0);
  const count = pool.tokensOf(lease.job).length;
  const next = leaseOf("Hello!", { maxTokens: 4 });
  pool.send(next);
  await pool.next("done", (frame) => frame.job === next.job);
  expect(pool.tokensOf(lease.job).length).toBe(count);
  expect(pool.all("done").some((frame) => frame.job === lease.job)).toBe(false);
});

test("a lease survives a broken connection and resumes from the first frame the pool lacks", async () => {
  pool.storing = false;
  const lease = leaseOf("Write a long story about a lighthouse.", { maxTokens: 80 });
  pool.send(lease);
  const seen = await pool.next("tokens", (frame) => frame.job === lease.job && frame.seq === 3);
  pool.resume = (holding) => holding.map(({ job, fence }) => ({ job, fence, fromSeq: seen.seq - 1 }));
  pool.frames.length = 0;
  pool.cut();
  await pool.next("done", (frame) => frame.job === lease.job);
  const seqs = pool.tokensOf(lease.job).map((frame) => frame.seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + seen.seq - 1));
  expect(pool.all("ready")[0]?.holding).toMatchObject([{ job: lease.job, fence: 1 }]);
});

test("a lease the pool does not resume is abandoned", async () => {
  const lease = leaseOf("Count from one to a thousand.", { maxTokens: 2_000 });
  pool.send(lease);
  await pool.next("tokens", (frame) => frame.job === lease.job);
  pool.frames.length = 0;
  pool.cut();
  await pool.next("heartbeat", (frame) => frame.running === 0);
  expect(pool.tokensOf(lease.job)).toEqual([]);
});

test("a lease for a model this worker does not serve fails instead of being ignored", async () => {
  pool.send(leaseOf("Hello", { model: "some-other-model" }));
  expect(await pool.next("fail")).toMatchObject({ code: "model_missing" });
});

test("a prompt longer than the context is failed as such", async () => {
  pool.send(leaseOf("word ".repeat(9_000)));
  expect(await pool.next("fail")).toMatchObject({ code: "context_overflow" });
});

test("a stopping worker returns its lease at once", async () => {
  const own = await mkdtemp(join(tmpdir(), "starai-worker-"));
  const other = new TestPool();
  const leaving = await startWorker({ ...config, home: own, poolUrl: await other.listening() }, { logger });
  await leaving.ready;
  other.send(leaseOf("Count from one to a thousand.", { maxTokens: 2_000 }));
  await other.next("tokens");
  await leaving.stop();
  expect(await other.next("fail")).toMatchObject({ code: "shutting_down" });
  await other.until(() => other.closes.length > 0);
  expect(other.closes).toEqual([1_000]);
  await other.close();
  await rm(own, { recursive: true });
}, 30_000);

test("a worker that the pool rejects reports it and does not reconnect in a tight loop", async () => {
  const own = await mkdtemp(join(tmpdir(), "starai-worker-"));
  const other = new TestPool();
  other.refuseWith = CLOSE.unauthorised;
  const refused = await startWorker({ ...config, home: own, poolUrl: await other.listening() }, { logger });
  await other.until(() => other.closes.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(other.all("hello")).toHaveLength(1);
  await refused.stop();
  await expect(refused.ready).rejects.toThrow(/stopped/);
  await other.close();
  await rm(own, { recursive: true });
}, 30_000);

test("without any model that can be served, readiness fails with the reason", async () => {
  const own = await mkdtemp(join(tmpdir(), "starai-worker-"));
  const engines = [{ kind: "llama", model: "no-such-model" }] as const;
  const nothing = await startWorker({ ...config, home: own, poolUrl: "ws://127.0.0.1:1/pool", engines }, { logger });
  await expect(nothing.ready).rejects.toThrow(/no model "no-such-model" in the catalogue; choose one of/);
  await nothing.stop();
  await rm(own, { recursive: true });
});

test("a pool frame that does not parse closes the connection with a reason, and the worker reconnects", async () => {
  pool.sendText(JSON.stringify({ type: "lease", job: "not a uuid" }));
  await pool.next("ready");
  expect(pool.closes.at(-1)).toBe(CLOSE.badFrame);
});

test("a frame whose error does not fit into a close reason closes the connection without ending the worker", async () => {
  const before = pool.closes.length;
  pool.sendText(JSON.stringify({ type: "drain", reason: "", ["\u{1F480}".repeat(60)]: 1 }));
  await pool.until(() => pool.closes.length > before);
  expect(pool.closes.at(-1)).toBe(CLOSE.badFrame);
  const lease = leaseOf("Hello!", { maxTokens: 4 });
  await pool.next("ready");
  await pool.next("heartbeat");
  pool.send(lease);
  await pool.next("done", (frame) => frame.job === lease.job);
});
