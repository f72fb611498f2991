/** A stranger's machine for real: the command that a server hands out, run in an empty home with npm's own packages. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { modelsFolder } from "@starai/protocol/cache-folder";
import type { PoolStatus } from "@starai/protocol/pool-status";

const LOOK_MS = 500;
const WORDS_CHARS = 4_000;

export interface FirstJob {
  /** Since the command was given. */
  readonly joinedS: number;
  readonly answeredS: number;
}

/** A server that hands out its worker, and what one is asked there. */
interface Asked {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/**
 * From nothing to a first answer of a model that no other machine serves. Models are those of this user: none is fetched
 * that is here.
 * @throws Error with the machine's last words when it has not joined in time, ends, or does not answer
 */
export async function firstJobOfAStranger(
  asked: Asked,
  { threads, withinMs }: { threads: number | null; withinMs: number },
): Promise<FirstJob> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-stranger-"));
  const began = performance.now();
  const tookS = () => (performance.now() - began) / 1_000;
  const machine = spawn("sh", ["-c", 'curl -fsS "$1/join" | sh', "sh", asked.url], {
    // Ended as a whole, as by Ctrl-C in a terminal.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      STARAI_MODEL: asked.model,
      STARAI_MODELS: modelsFolder(process.env, os.homedir()),
      ...(threads === null ? {} : { STARAI_THREADS: `${threads}` }),
    },
  });
  let said = "";
  machine.stderr.on("data", (text: Buffer) => (said = (said + text.toString()).slice(-WORDS_CHARS)));
  try {
    while (!(await isServed(asked))) {
      if (machine.exitCode !== null) throw new Error(`the machine ended with ${machine.exitCode}`);
      if (tookS() * 1_000 > withinMs) throw new Error(`the machine has not joined in ${withinMs / 60_000} minutes`);
      await wait(LOOK_MS);
    }
    const joinedS = tookS();
    await askOnce(asked);
    return { joinedS, answeredS: tookS() };
  } catch (error) {
    throw new Error(`${(error as Error).message}. The machine said:\n${said}`, { cause: error });
  } finally {
    if (machine.exitCode === null) {
      process.kill(-machine.pid!, "SIGINT");
      await once(machine, "exit");
    }
    await rm(home, { recursive: true, force: true });
  }
}

async function isServed({ url, model }: Asked): Promise<boolean> {
  const { models } = (await (await fetch(`${url}/api/pool`)).json()) as PoolStatus;
  return models.some(({ id }) => id === model);
}

async function askOnce({ url, key, model }: Asked): Promise<void> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], max_tokens: 8 }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the answer is ${answer.status}: ${text}`);
}
