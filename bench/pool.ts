/** Measures the pool's own cost: a scripted worker answers at once, which leaves queue, rows, socket and checks. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { modelsFolder } from "@starai/protocol/cache-folder";
import type { Lease, ServedModel } from "@starai/protocol/worker-frames";
import { readConfig } from "@starai/server/config";
import type { AppContext } from "@starai/server/context";
import type { JobInput } from "@starai/server/jobs/job";
import { submitJob } from "@starai/server/jobs/submit-job";
import { ScriptedWorker } from "@starai/server/testing/scripted-worker";
import { startServer } from "@starai/server/start";
import { median } from "./median.ts";

const ROUNDS = 200;
const JOBS = 1_000;
const OWNERS = 32;
const FRAMES = 8;
const FRAMES_STREAMED = 500;

export async function measurePool(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  const server = await startServer(configOf(home), { log: pino({ level: "silent" }) });
  const worker = new ScriptedWorker("bench", [servedModel()]);
  try {
    await worker.join(server.url);
    const vocabulary = (await server.ctx.vocabularies.open(PLUMBING_MODEL))!;
    const word = { id: 2_000, text: await vocabulary.decode([2_000]) };
    const pool = { ctx: server.ctx, worker, word };
    const alone = await oneAfterAnother(pool);
    const together = await manyAtOnce(pool);
    const frame = await streamed(pool);
    return [
      `One scripted worker of 64 slots over a real socket, ${FRAMES} frames an answer, ids checked by the vocabulary, embedded PostgreSQL.`,
      "",
      "| what | measured |",
      "|---|---|",
      `| submit until the worker has the lease, alone | ${median(alone.lease).toFixed(1)} ms |`,
      `| submit until the result is stored, alone | ${median(alone.whole).toFixed(1)} ms |`,
      `| a frame sent until its reader has the text | ${median(frame).toFixed(2)} ms |`,
      `| jobs through the pool, ${OWNERS} owners at once | ${together.toFixed(0)} per second |`,
    ];
  } finally {
    await worker.leave();
    await server.close(0);
    await rm(home, { recursive: true, force: true });
  }
}

interface BenchPool {
  ctx: AppContext;
  worker: ScriptedWorker;
  word: { id: number; text: string };
}

async function oneAfterAnother({ ctx, worker, word }: BenchPool): Promise<{ lease: number[]; whole: number[] }> {
  const times = { lease: [] as number[], whole: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const handle = await submitJob(ctx, inputOf(`alone:${round}`, "one"));
    const lease = await worker.lease();
    times.lease.push(performance.now() - began);
    answer(worker, lease, word);
    await handle.result();
    times.whole.push(performance.now() - began);
  }
  return times;
}

async function manyAtOnce({ ctx, worker, word }: BenchPool): Promise<number> {
  let left = JOBS;
  const answering = (async () => {
    for (let count = 0; count < JOBS; count++) answer(worker, await worker.lease(), word);
  })();
  const owner = async (name: string) => {
    while (left > 0) {
      const job = await submitJob(ctx, inputOf(`many:${left--}`, name));
      await job.result();
    }
  };
  const began = performance.now();
  await Promise.all([answering, ...Array.from({ length: OWNERS }, (_, index) => owner(`owner:${index}`))]);
  return (JOBS / (performance.now() - began)) * 1_000;
}

async function streamed({ ctx, worker, word }: BenchPool): Promise<number[]> {
  const handle = await submitJob(ctx, inputOf("stream", "one", FRAMES_STREAMED));
  const lease = await worker.lease();
  const times: number[] = [];
  let sent = performance.now();
  worker.tokens(lease, [word.id], word.text);
  for await (const event of handle.events()) {
    if (event.kind !== "text") continue;
    times.push(performance.now() - sent);
    // The machine's pace: a frame each 5 ms, so that nothing is batched.
    await sleep(5);
    sent = performance.now();
    if (times.length < FRAMES_STREAMED) worker.tokens(lease, [word.id], word.text);
    else worker.done(lease);
  }
  return times;
}

function answer(worker: ScriptedWorker, lease: Lease, word: { id: number; text: string }): void {
  for (let frame = 0; frame < FRAMES; frame++) worker.tokens(lease, [word.id], word.text);
  worker.done(lease);
}

function inputOf(key: string, owner: string, maxTokens = 64): JobInput {
  return {
    key,
    owner,
    model: PLUMBING_MODEL,
    turns: [{ role: "user", content: "What is the capital of France?" }],
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 1 },
    maxTokens,
    stop: [],
    cacheKey: key,
    deadlineMs: 60_000,
    bill: null,
  };
}

function configOf(home: string) {
  return readConfig({
    PORT: "0",
    STARAI_HOME: home,
    STARAI_MODELS: modelsFolder(process.env, os.homedir()),
    STARAI_BOT_KEY: "0".repeat(64),
    STARAI_LOG_LEVEL: "silent",
    STARAI_RATES: "off",
  });
}

function servedModel(): ServedModel {
  const { id, sha256 } = loadCatalogue().get(PLUMBING_MODEL)!;
  return {
    id,
    sha256,
    engine: "scripted",
    contextTokens: 8_192,
    kvType: "f16",
    constraint: "gbnf",
    tokenIds: true,
    slots: 64,
    prefillTokensPerS: 10_000,
    decodeTokensPerS: 1_000,
  };
}
