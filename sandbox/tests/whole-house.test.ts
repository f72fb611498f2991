/**
 * The whole product with a real model: a person writes, a worker answers, and then things are taken away.
 * Linux only, as it finds the worker's processes in /proc.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { readFileSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { expect, onTestFinished, test, vi } from "vitest";
import { House } from "../src/house-process.ts";
import type { HouseOptions } from "../src/house-process.ts";

// Whole answers of a real model on one contended core.
vi.setConfig({ testTimeout: 400_000 });

const MODEL = "qwen2.5-coder-0.5b";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COUNT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["story", "words"],
  properties: {
    story: { type: "string", minLength: 300, maxLength: 900 },
    words: { type: "array", items: { type: "string", maxLength: 20 }, minItems: 3, maxItems: 3 },
  },
} as const;

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-house-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function openHouse(options: Partial<HouseOptions> & { home: string }): Promise<House> {
  const house = await House.open({ model: MODEL, ...options });
  onTestFinished(async () => {
    await house.interrupt();
  });
  return house;
}

/** A second contributor: another machine's worker, as far as the pool can tell. */
function joinWorker(house: House, name: string): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
    cwd: ROOT,
    stdio: "ignore",
    env: {
      ...process.env,
      STARAI_POOL_URL: `${house.url.replace("http", "ws")}/pool`,
      STARAI_WORKER_HOME: path.join(house.home, `worker-${name}`),
      STARAI_WORKER_NAME: name,
      STARAI_MODEL: MODEL,
      STARAI_THREADS: "1",
    },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** What the bot has said to person 4242, once nothing more is being written. */
async function answers(house: House): Promise<string[]> {
  const { messages, draft } = await house.transcript(4242);
  return draft === null ? messages.filter((message) => message.from === "bot").map((message) => message.text) : [];
}

async function workersOnline(house: House): Promise<number> {
  const status = (await (await fetch(`${house.url}/api/pool`)).json()) as { workersOnline: number };
  return status.workersOnline;
}

/** Pids of the worker daemons below the house's main process. */
function ownWorkerPids(house: House): number[] {
  return readdirSync("/proc")
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return (
          Number(stat[1]) === house.process.pid &&
          readFileSync(`/proc/${name}/cmdline`, "utf8").includes("worker/src/main.ts")
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

test("a person writes to the bot and a worker's model answers; Ctrl-C leaves nothing; tomorrow the chat is there", async () => {
  const home = await temporaryHome();
  const first = await openHouse({ home });
  await first.write(4242, "What is 17*23?");
  await first.until("the whole answer is in the chat", 300_000, async () => (await answers(first)).length === 1);
  const [answer] = await answers(first);
  expect(answer).toMatch(/\w/);
  expect(await first.interrupt()).toBeLessThan(10_000);
  await first.until("every process is gone", 5_000, async () => first.processes().length === 0);

  const second = await openHouse({ home, port: first.port });
  expect(await answers(second)).toEqual([answer]);
});

test("a worker killed in the middle of an answer is replaced and the client reads one whole valid answer", async () => {
  const house = await openHouse({ home: await temporaryHome() });
  const [own] = ownWorkerPids(house);
  expect(own).toBeDefined();
  const client = new OpenAI({ apiKey: house.apiKey, baseURL: `${house.url}/v1` });
  const stream = await client.chat.completions.create({
    model: MODEL,
    messages: [{ role: "user", content: "Tell a short story about a lighthouse, then three words about it." }],
    response_format: { type: "json_schema", json_schema: { name: "story", strict: true, schema: COUNT_SCHEMA } },
    max_tokens: 700,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let before = "";
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
    if (before === "" && text.length > 60) {
      before = text;
      joinWorker(house, "second");
      await house.until("the second worker has joined", 60_000, async () => (await workersOnline(house)) === 2);
      process.kill(own ?? 0, "SIGKILL");
    }
  }
  expect(text.startsWith(before)).toBe(true);
  const answer = JSON.parse(text) as { story: string; words: string[] };
  expect(answer.words).toHaveLength(3);
  expect(answer.story.length).toBeGreaterThanOrEqual(300);
  expect(usage?.completion_tokens).toBeGreaterThan(60);
});

test("a server killed in the middle of an answer goes on after its restart; the message is neither lost nor doubled", async () => {
  const home = await temporaryHome();
  const first = await openHouse({ home });
  await first.write(77, "Please write a long poem about the sea, at least ten lines.");
  await first.until("the answer has begun", 120_000, async () => (await first.transcript(77)).draft !== null);
  await sleep(1_500);
  await first.killNow();

  const second = await openHouse({ home, port: first.port });
  await second.until("the answer is there", 180_000, async () => {
    const { messages, draft } = await second.transcript(77);
    return draft === null && messages.filter((message) => message.from === "bot").length > 0;
  });
  await sleep(2_000);
  const { messages } = await second.transcript(77);
  expect(messages.filter((message) => message.text.includes("poem about the sea")).length).toBe(1);
  expect(messages.filter((message) => message.from === "bot")).toHaveLength(1);
});

test("a second process on the data folder is refused and told who holds it", async () => {
  const house = await openHouse({ home: await temporaryHome() });
  await expect(House.open({ home: house.home, model: MODEL })).rejects.toThrow(
    new RegExp(`in use by process ${house.process.pid}`),
  );
});
