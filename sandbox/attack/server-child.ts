/**
 * The server under attack as a process of its own, as `server/src/main.ts` starts it. Over IPC it reports its
 * event-loop delay, heap size and database rows to the attacker, sets its clock and blocks its event loop.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { LIMITS, readConfig } from "@starai/server/config";
import type { Config } from "@starai/server/config";
import { createApiKey } from "@starai/server/gateway/api-keys";
import { startServer } from "@starai/server/start";
import { LAVISH } from "@starai/server/testing/lavish";
import { BOT_KEY, BOT_TOKEN } from "./keys.ts";
import { disableProtection } from "./protections.ts";
import type { ServerReply, ServerQuestion, ServerSetup } from "./server-messages.ts";

/** Finer than the 100 ms to be detected, and cheap. */
const LAG_RESOLUTION_MS = 10;

const setup = JSON.parse(process.argv[2] ?? "") as ServerSetup;
let clockAheadMs = 0;
const wallClock = Date.now;
Date.now = () => wallClock() + clockAheadMs;
for (const protection of setup.without) disableProtection(protection);

// Attacks are on everything but the day's free answers.
const log = pino(logOptions("info"), pino.destination(logFile()));
const server = await startServer(config(), { log, money: LAVISH });
const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
lag.enable();
process.on("message", (message) => void answer(message as { id: number; question: ServerQuestion }));
// The attacker has exited, so nobody else would stop this process.
process.on("disconnect", () => void stop());
process.send?.({ kind: "ready", url: server.url });

function config(): Config {
  const read = readConfig({
    PORT: String(setup.port),
    STARAI_HOME: setup.home,
    STARAI_MODELS: modelsFolder(process.env, os.homedir()),
    STARAI_DEFAULT_MODEL: PLUMBING_MODEL,
    STARAI_BOT_KEY: BOT_KEY,
    BOT_TOKEN,
    STARAI_TITLES: "off",
    STARAI_RATES: "sandbox",
    ...(setup.databaseUrl === undefined ? {} : { DATABASE_URL: setup.databaseUrl }),
  });
  return { ...read, limits: { ...LIMITS, ...setup.limits } };
}

function logFile(): string {
  return path.join(setup.home, "server.log");
}

async function answer({ id, question }: { id: number; question: ServerQuestion }): Promise<void> {
  const reply = await answerTo(question).then(
    (value): ServerReply => ({ kind: "answer", id, value }),
    (error: unknown): ServerReply => ({ kind: "fault", id, message: String(error) }),
  );
  process.send?.(reply);
  if (question.kind === "stop") process.exit(0);
}

async function answerTo(question: ServerQuestion): Promise<unknown> {
  switch (question.kind) {
    case "lag":
      return lagSinceAsked();
    case "heap":
      globalThis.gc?.();
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    case "rows":
      return (await server.ctx.pg.query(question.sql, question.values)).rows;
    case "key":
      return (await createApiKey(server.ctx, question.name)).key;
    case "freeze":
      return holdUp(question.ms);
    case "clock":
      clockAheadMs = question.aheadMs;
      return null;
    case "stop":
      return stop();
  }
}

/** Highest event-loop delay since the previous call, ms. */
function lagSinceAsked(): number {
  const worst = lag.max / 1e6;
  lag.reset();
  return worst;
}

/** Blocks the event loop, as a long garbage collection or a sleeping laptop does. */
function holdUp(ms: number): null {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return null;
}

async function stop(): Promise<null> {
  await server.close(0);
  if (!process.connected) process.exit(0);
  return null;
}
