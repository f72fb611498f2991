/** What a client feels when the worker that writes its answer is killed: the longest gap between two pieces of text. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SMALL_MODEL } from "@starai/protocol/catalogue";
import { House } from "@starai/sandbox/house-process";
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
    // The house's own worker serves a model this benchmark does not ask for; the two that matter can be killed.
    await using house = await House.open({ home, model: "smollm2-135m" });
    const calm: number[] = [];
    const killed: number[] = [];
    helpers.push(join(house, "first"));
    await joined(house, 1);
    for (let round = 0; round < ROUNDS; round++) {
      calm.push((await longestGap(house, round, () => undefined)) / 1000);
      const victim = helpers.at(-1);
      helpers.push(join(house, `spare-${round}`));
      await joined(house, 2);
      killed.push((await longestGap(house, round + 100, () => victim?.kill("SIGKILL"))) / 1000);
      await joined(house, 1);
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

function join(house: House, name: string): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
    cwd: ROOT,
    stdio: "ignore",
    env: {
      ...process.env,
      STARAI_POOL_URL: `${house.url.replace("http", "ws")}/pool`,
      STARAI_WORKER_HOME: path.join(house.home, `worker-${name}`),
      STARAI_MODEL: SMALL_MODEL,
      STARAI_THREADS: "1",
    },
  });
}

async function joined(house: House, count: number): Promise<void> {
  await house.until(`${count} workers serve ${SMALL_MODEL}`, 60_000, async () => {
    const pool = (await (await fetch(`${house.url}/api/pool`)).json()) as { models: { id: string; workers: number }[] };
    return (pool.models.find((model) => model.id === SMALL_MODEL)?.workers ?? 0) === count;
  });
}

/** The longest silence after the first piece of text, ms; `disturb` is called once, a few pieces in. */
async function longestGap(house: House, round: number, disturb: () => void): Promise<number> {
  const client = new OpenAI({ apiKey: house.apiKey, baseURL: `${house.url}/v1` });
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
