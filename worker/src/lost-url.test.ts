import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkerConfig } from "./config.ts";
import { startWorker } from "./daemon.ts";
import type { Worker } from "./daemon.ts";
import type { Engine } from "./engines/engine.ts";
import { openTestServer } from "./testing/openai-server.ts";
import type { TestServer } from "./testing/openai-server.ts";
import { leaseOf, TestPool } from "./testing/pool.ts";

/** The engine behind the URL is third-party; this one answers one word to any request. */
const behind = {
  async *generate() {
    yield { kind: "tokens" as const, tokens: null, text: "Paris" };
    yield { kind: "done" as const, reason: "stop" as const };
  },
} satisfies Partial<Engine> as unknown as Engine;

let folder: string;
let pool: TestPool;
let server: TestServer;
let worker: Worker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-worker-"));
  pool = new TestPool();
  server = await openServer();
  const config: WorkerConfig = {
    poolUrl: await pool.listening(),
    home: join(folder, "home"),
    modelsFolder: join(folder, "models"),
    name: "test",
    engines: [{ kind: "openai", url: server.url, key: null, model: PLUMBING_MODEL, engineModel: "tiny" }],
    threads: 1,
    logLevel: "silent",
  };
  worker = await startWorker(config, { logger: pino({ level: "silent" }) });
  await worker.ready;
}, 60_000);

afterAll(async () => {
  await worker.stop();
  await server.close();
  await pool.close();
  await rm(folder, { recursive: true });
});

function openServer(port?: number): Promise<TestServer> {
  return openTestServer(behind, { echoes: false, keepsSchemas: true, key: null, ...(port ? { port } : {}) });
}

test("an answer that breaks off does not withdraw an engine that is there", async () => {
  server.breakOff = true;
  const broken = leaseOf("Hello!");
  pool.send(broken);
  expect(await pool.next("fail", ({ job }) => job === broken.job)).toMatchObject({ code: "engine_crashed" });
  server.breakOff = false;
  const next = leaseOf("What is the capital of France?");
  pool.send(next);
  await pool.next("done", ({ job }) => job === next.job);
  expect(pool.textOf(next.job)).toBe("Paris");
  expect(pool.closes).toEqual([]);
});

test("an engine whose URL no longer answers is withdrawn at the first failed job, and offered again when it answers", async () => {
  const port = Number(new URL(server.url).port);
  await server.close();
  const lost = leaseOf("Hello!");
  pool.send(lost);
  expect(await pool.next("fail", ({ job }) => job === lost.job)).toMatchObject({ code: "engine_crashed" });
  await pool.until(() => pool.closes.length > 0);
  expect(pool.closes).toEqual([1_001]);

  pool.frames.length = 0;
  server = await openServer(port);
  expect((await pool.next("ready")).models).toMatchObject([{ id: PLUMBING_MODEL }]);
  await pool.next("heartbeat");
  const again = leaseOf("What is the capital of France?");
  pool.send(again);
  await pool.next("done", ({ job }) => job === again.job);
  expect(pool.textOf(again.job)).toBe("Paris");
}, 60_000);
