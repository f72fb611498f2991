/**
 * A model that fits no worker alone: `npm start -- --memory X`, and the command it prints in two more terminals. The bot
 * answers from the group, and goes on when one of its machines is killed in the middle of an answer. With the real engine, so it
 * belongs to the long tests; skipped, with a line that says why, where the engine or the model cannot be had.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { DEFAULT_MODEL, loadCatalogue } from "@starai/protocol/catalogue";
import type { PoolStatus } from "@starai/protocol/pool-status";
import { hasBuild } from "@starai/worker/engines/llama-server/build";
import { expect, onTestFinished, test, vi } from "vitest";
import { Stack } from "../src/stack-process.ts";

// Four processes with one and a half billion parameters on two busy cores, loaded twice.
vi.setConfig({ testTimeout: 900_000 });

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PERSON = 1001;
/** With it no worker holds the model, which has 1.1 GB, and any two of them do. */
const MEMORY = "700MB";
const FORM_MS = 240_000;
const ANSWER_MS = 400_000;

async function missing(): Promise<string | null> {
  if (process.env["LONG_TESTS"] !== "1") return "it belongs to `npm run test:long`";
  const folder = modelsFolder(process.env, os.homedir());
  const file = loadCatalogue().get(DEFAULT_MODEL)?.file ?? "";
  if (!(await stat(path.join(folder, file)).catch(() => null))) return `${DEFAULT_MODEL} is not here`;
  const config = { home: folder, modelsFolder: folder, llamaCppFolder: process.env["STARAI_LLAMA_CPP"] ?? null };
  return (await hasBuild(config)) ? null : "there is no build of llama.cpp here";
}

const why = await missing();
if (why !== null) console.log(`the test of a group of three workers is skipped: ${why}`);

/** A worker in a terminal of its own, and what it says. */
class Terminal {
  readonly process: ChildProcess;
  #output = "";

  constructor(words: readonly string[]) {
    this.process = spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", ...words], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, STARAI_THREADS: "1", STARAI_LOG_LEVEL: "info" },
    });
    this.process.stderr?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await gone;
  }
}

async function openStack(): Promise<Stack> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-split-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const stack = await Stack.start({ home, model: DEFAULT_MODEL, args: ["--memory", MEMORY] });
  onTestFinished(async () => void (await stack.interrupt()));
  return stack;
}

/** Whichever of the machines it is of: the stack's own is one of three. */
async function isUp(stack: Stack): Promise<boolean> {
  const { groups } = (await (await fetch(`${stack.url}/api/pool`)).json()) as PoolStatus;
  return groups.some((group) => group.isUp);
}

test.skipIf(why !== null)(
  "the bot answers from a group, and an answer is completed once when a machine of it is killed",
  async () => {
    const stack = await openStack();
    const command = () => /npm run worker -- (start --another .*)/.exec(stack.output)?.[1];
    await stack.until("the command for more terminals", 120_000, async () => command() !== undefined);
    expect(stack.output).toContain("does not fit into the memory of one worker here");
    const joined = new Terminal(command()!.split(" "));
    await stack.until("a group is up", FORM_MS, async () => await isUp(stack));
    // It is spare: so the group after the loss has as much context as the one before.
    const spare = new Terminal(command()!.split(" "));
    await stack.until("another machine is here", FORM_MS, async () => spare.output.includes("connected to the pool"));

    await stack.write(PERSON, "Write a long story about a lighthouse keeper, at least ten sentences.");
    const draft = async () => (await stack.transcript(PERSON)).draft?.text ?? "";
    await stack.until("the answer has begun", ANSWER_MS, async () => /^\w/.test(await draft()));
    const begun = (await draft()).split("<tg-thinking>")[0]!.trim();
    joined.process.kill("SIGKILL");

    await stack.until("the group has ended", 30_000, async () => !(await isUp(stack)));
    await stack.until("another group is up", FORM_MS, async () => await isUp(stack));
    const answers = async () => (await stack.transcript(PERSON)).messages.filter(({ from }) => from === "bot");
    await stack.until("the answer is whole", ANSWER_MS, async () => (await answers()).length > 0);
    expect(await answers()).toHaveLength(1);
    expect((await answers())[0]!.text.startsWith(begun)).toBe(true);
    await stack.interrupt();
    await spare.stop();
    // Layer servers and engines end with their workers.
    await expect.poll(() => stack.processes()).toEqual([]);
  },
);
