/** Measures the longest gap between two pieces of text when the worker that writes the answer is killed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SMALL_MODEL } from "@starai/protocol/catalogue";
import { Stack } from "@starai/sandbox/stack-process";
import OpenAI from "openai";
import { STORY } from "./answer.ts";
import { median } from "./median.ts";

const ROUNDS = 5;
const ROOT = path.resolve(import.meta.dirname, "..");

export async function measureFailover(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  const helpers: ChildProcess[] = [];
  try {
    // The stack's own worker serves a model this benchmark does not ask for; the two that matter can be killed.
    await using stack = await Stack.open({ home, model: "smollm2-135m" });
    const calm: number[] = [];
    const killed: number[] = [];
    helpers.push(join(stack, "first"));
    await joined(stack, 1);
    for (let round = 0; round < ROUNDS; round++) {
      calm.push((await longestGap(stack, round, () => undefined)) / 1000);
      const victim = helpers.at(-1);
      helpers.push(join(stack, `spare-${round}`));
      await joined(stack, 2);
      killed.push((await longestGap(stack, round + 100, () => victim?.kill("SIGKILL"))) / 1000);
      await joined(stack, 1);
    }
    return [
      `Model ${SMALL_MODEL}, one thread a worker, two cores for all. The killed worker may be the idle one of the two: then the gap is as in the calm row.`,
      "",
      "| longest gap in the stream | median | all |",
      "|---|---|---|",
      row("undisturbed", calm),
      row("worker killed -9 in mid-answer", killed),
      "",
      "For comparison, published by its users: a dead Cocoon worker costs 114 s.",
    ];
  } finally {
    for (const helper of helpers) helper.kill("SIGKILL");
    await rm(home, { recursive: true, force: true });
  }
}

function row(what: string, seconds: readonly number[]): string {
  return `| ${what} | ${median(seconds).toFixed(2)} s | ${seconds.map((s) => s.toFixed(2)).join(" · ")} |`;
}

function join(stack: Stack, name: string): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
    cwd: ROOT,
    stdio: "ignore",
    env: {
      ...process.env,
      STARAI_POOL_URL: `${stack.url.replace("http", "ws")}/pool`,
      STARAI_WORKER_HOME: path.join(stack.home, `worker-${name}`),
      STARAI_MODEL: SMALL_MODEL,
      STARAI_THREADS: "1",
      STARAI_ENGINE: "built-in",
    },
  });
}

async function joined(stack: Stack, count: number): Promise<void> {
  await stack.until(`${count} workers serve ${SMALL_MODEL}`, 60_000, async () => {
    const pool = (await (await fetch(`${stack.url}/api/pool`)).json()) as { models: { id: string; workers: number }[] };
    return (pool.models.find((model) => model.id === SMALL_MODEL)?.workers ?? 0) === count;
  });
}

/** The longest silence after the first piece of text, ms; `disturb` is called once, a few pieces in. */
async function longestGap(stack: Stack, round: number, disturb: () => void): Promise<number> {
  const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });
  const stream = await client.chat.completions.create({
    model: SMALL_MODEL,
    messages: [{ role: "user", content: `${STORY} (${round})` }],
    max_tokens: 150,
    temperature: 0,
    stream: true,
  });
  let last = 0;
  let longest = 0;
  let pieces = 0;
  for await (const chunk of stream) {
    if (!chunk.choices[0]?.delta.content) continue;
    const now = performance.now();
    if (last > 0) longest = Math.max(longest, now - last);
    last = now;
    pieces += 1;
    if (pieces === 10) disturb();
  }
  return longest;
}
