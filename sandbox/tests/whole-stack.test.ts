/**
 * The whole product with a real model: a person writes, a worker answers, and then parts of it are killed.
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
import { Stack } from "../src/stack-process.ts";
import type { StackOptions } from "../src/stack-process.ts";

// Time for whole answers of a real model on one busy core.
vi.setConfig({ testTimeout: 400_000 });

// Recovery is the same for every model: the smallest writes the long story, the larger one answers people.
const MODEL = "qwen2.5-coder-0.5b";
const SMALL_MODEL = "smollm2-135m";
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
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-stack-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function openStack(options: Partial<StackOptions> & { home: string }): Promise<Stack> {
  const stack = await Stack.open({ model: MODEL, ...options });
  onTestFinished(async () => {
    await stack.interrupt();
  });
  return stack;
}

/** Starts a second contributor's worker, which the pool takes for another machine. */
function joinWorker(stack: Stack, name: string): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
    cwd: ROOT,
    stdio: "ignore",
    env: {
      ...process.env,
      STARAI_POOL_URL: `${stack.url.replace("http", "ws")}/pool`,
      STARAI_WORKER_HOME: path.join(stack.home, `worker-${name}`),
      STARAI_WORKER_NAME: name,
      STARAI_MODEL: SMALL_MODEL,
      STARAI_THREADS: "1",
      STARAI_ENGINE: "built-in",
    },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** The bot's messages to a person; empty while an answer is being written. */
async function answers(stack: Stack, user: number): Promise<string[]> {
  const { messages, draft } = await stack.transcript(user);
  return draft === null ? messages.filter((message) => message.from === "bot").map((message) => message.text) : [];
}

async function workersOnline(stack: Stack): Promise<number> {
  const status = (await (await fetch(`${stack.url}/api/pool`)).json()) as { workersOnline: number };
  return status.workersOnline;
}

/** Pids of the worker daemons below the stack's main process. */
function ownWorkerPids(stack: Stack): number[] {
  return readdirSync("/proc")
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return (
          Number(stat[1]) === stack.process.pid &&
          readFileSync(`/proc/${name}/cmdline`, "utf8").includes("worker/src/main.ts")
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

test("an answer survives a kill and restart of the server once and whole; Ctrl-C leaves no process and keeps the chat", async () => {
  const home = await temporaryHome();
  const first = await openStack({ home });
  await expect(Stack.open({ home, model: MODEL }), "a second process on the folder").rejects.toThrow(
    new RegExp(`in use by process ${first.process.pid}`),
  );
  await first.write(77, "Please write a long poem about the sea, at least ten lines.");
  await first.until("the answer has begun", 120_000, async () => (await first.transcript(77)).draft !== null);
  await sleep(1_500);
  await first.killNow();

  const second = await openStack({ home, port: first.port });
  await second.until("the answer is there", 180_000, async () => (await answers(second, 77)).length > 0);
  await sleep(2_000);
  const { messages } = await second.transcript(77);
  expect(messages.filter((message) => message.text.includes("poem about the sea")).length).toBe(1);
  const told = await answers(second, 77);
  expect(told).toEqual([expect.stringMatching(/\w/)]);
  expect(await second.interrupt()).toBeLessThan(10_000);
  await second.until("every process is gone", 5_000, async () => second.processes().length === 0);

  const third = await openStack({ home, port: first.port });
  expect(await answers(third, 77)).toEqual(told);
});

test("a worker killed in the middle of an answer is replaced, and the client gets one whole valid answer", async () => {
  const stack = await openStack({ home: await temporaryHome(), model: SMALL_MODEL });
  const [own] = ownWorkerPids(stack);
  expect(own).toBeDefined();
  const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1` });
  const stream = await client.chat.completions.create({
    model: SMALL_MODEL,
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
      joinWorker(stack, "second");
      await stack.until("the second worker has joined", 60_000, async () => (await workersOnline(stack)) === 2);
      process.kill(own ?? 0, "SIGKILL");
    }
  }
  expect(text.startsWith(before)).toBe(true);
  const answer = JSON.parse(text) as { story: string; words: string[] };
  expect(answer.words).toHaveLength(3);
  expect(answer.story.length).toBeGreaterThanOrEqual(300);
  expect(usage?.completion_tokens).toBeGreaterThan(60);
});
