/** A real pool in this process and a real worker in another, with a fixed clock for the agent. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { RunManager } from "@starai/server/agent/run-manager";
import { readConfig } from "@starai/server/config";
import type { AppContext } from "@starai/server/context";
import { submitJob } from "@starai/server/jobs/submit-job";
import { startServer } from "@starai/server/start";
import { LAVISH } from "@starai/server/testing/lavish";
import { EVAL_NOW } from "./scenarios.ts";

const WORKER_READY_MS = 300_000;
const ROOT = path.join(import.meta.dirname, "../..");

export interface EvalStack extends AsyncDisposable {
  /** The server's context, with the real clock for jobs. */
  pool: AppContext;
  /** The same context with the fixed clock, for tools and runs. */
  ctx: AppContext;
}

export async function openEvalStack(model: string, threads: number): Promise<EvalStack> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-eval-"));
  // The embedded database may run as another user and must reach its folder.
  await chmod(home, 0o755);
  const config = readConfig({
    PORT: "0",
    STARAI_HOME: home,
    STARAI_MODELS: modelsFolder(process.env, os.homedir()),
    STARAI_DEFAULT_MODEL: model,
    STARAI_BOT_KEY: randomUUID(),
    STARAI_TITLES: "off",
    STARAI_RATES: "off",
    STARAI_LOG_LEVEL: "warn",
  });
  const server = await startServer(config, {
    log: pino(logOptions("warn"), pino.destination(2)),
    money: LAVISH,
  });
  const worker = startWorker({ pool: server.url, home, model, threads });
  // The server's own run manager would pick up the eval's runs and answer them by the real clock.
  await server.ctx.runs.shutdown(0);
  const standing = { ...server.ctx, clock: () => EVAL_NOW };
  const ctx: AppContext = { ...standing, runs: new RunManager(standing, (input) => submitJob(server.ctx, input)) };
  const close = async () => {
    await stop(worker);
    await ctx.runs.shutdown(0);
    await server.close(0);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await workerReady(server.ctx, model, worker);
  } catch (error) {
    await close();
    throw error;
  }
  return { pool: server.ctx, ctx, [Symbol.asyncDispose]: close };
}

function startWorker({
  pool,
  home,
  model,
  threads,
}: {
  pool: string;
  home: string;
  model: string;
  threads: number;
}): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      STARAI_POOL_URL: `${pool.replace(/^http/u, "ws")}/pool`,
      STARAI_WORKER_HOME: path.join(home, "worker"),
      STARAI_MODEL: model,
      STARAI_THREADS: String(threads),
      STARAI_ENGINE: "built-in",
      STARAI_LOG_LEVEL: "warn",
    },
  });
}

async function workerReady(ctx: AppContext, model: string, worker: ChildProcess): Promise<void> {
  const until = Date.now() + WORKER_READY_MS;
  while (!ctx.registry.status().models.some(({ id }) => id === model)) {
    if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode} before it served ${model}`);
    if (Date.now() > until) throw new Error(`no worker served ${model} within ${WORKER_READY_MS / 1000} s`);
    await sleep(100);
  }
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const ended = once(worker, "exit");
  worker.kill("SIGTERM");
  const late = setTimeout(() => worker.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(late);
}
