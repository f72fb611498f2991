/** `worker start`: runs until Ctrl-C, SIGTERM, or the end of the process that started it. */
import { endOnFault } from "@starai/protocol/end-on-fault";
import type { LastWords } from "@starai/protocol/end-on-fault";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import { startWorker } from "../daemon.ts";
import { cudaState, installCudaBinaries } from "../gpu-binaries.ts";
import { describeMachine } from "../machine.ts";
import type { WorkerStatus } from "../open-engines.ts";
import type { Pulse } from "../daemon.ts";
import type { EarningEvent } from "../earnings/earnings.ts";
import type { Output } from "./pull.ts";

/** Limit on a graceful stop; after it the process exits. A forced exit loses no data. */
const STOP_MAX_MS = 3_000;

/** Shows a person what happens: a live view, or plain lines where the terminal can do no more. */
export interface OwnerScreen {
  say(text: string): void;
  tell(status: WorkerStatus): void;
  hear(event: EarningEvent): void;
  pulse?(pulse: Pulse): void;
  close?(): void;
}

/**
 * Where it fails, the terminal has its own screen back before the reason is told.
 * @param terminal  null without a terminal
 */
export async function start(config: WorkerConfig, logger: Logger, terminal: OwnerScreen | null): Promise<void> {
  if (terminal?.close) process.on("exit", () => terminal.close?.());
  try {
    await lend(config, logger, terminal);
  } catch (error) {
    terminal?.close?.();
    throw error;
  }
}

async function lend(config: WorkerConfig, logger: Logger, terminal: OwnerScreen | null): Promise<void> {
  terminal?.say("lending this machine to a pool; Ctrl-C stops it and loses nobody's answer");
  await fetchGpuBinaries(logger, terminal);
  const worker = await startWorker(config, {
    logger,
    onStatus: (status) => (terminal ? terminal.tell(status) : tellParent(status)),
    onEarning: (event) => terminal?.hear(event),
    pairsItself: terminal !== null,
    ...(terminal?.pulse ? { onPulse: (pulse) => terminal.pulse?.(pulse) } : {}),
  });
  if (terminal?.close) listenToKeys(() => worker.pair(), terminal);
  endOnFault(process, { log: faultLog(logger, terminal, process.stderr), close: () => worker.stop() });
  const stopping = endWith(() => worker.stop(), logger, terminal);
  logger.info({ id: worker.id, home: config.home }, "worker starting");
  await worker.ready.catch((error: unknown) => {
    // A stop before the worker was ready is not a failure.
    if (!stopping.aborted) throw error;
  });
}

/** The log of a fault that ends the process; a person reads it on the terminal, once that has its own screen back. */
export function faultLog(logger: Logger, terminal: OwnerScreen | null, stderr: Output): LastWords["log"] {
  return {
    fatal: (facts, message) => {
      logger.fatal(facts, message);
      if (terminal === null) return;
      terminal.close?.();
      const { err } = facts;
      stderr.write(`${message}\n${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
    },
  };
}

/** `p` shows a code. Raw keys also bring Ctrl-C as one, which ends the worker as ever. */
function listenToKeys(pair: () => string | null, terminal: OwnerScreen): void {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  stdin.setRawMode(true);
  process.on("exit", () => stdin.setRawMode(false));
  stdin.on("data", (keys: Buffer) => {
    const text = keys.toString("latin1");
    if (text.includes("\x03")) process.kill(process.pid, "SIGINT");
    if (!text.includes("p")) return;
    const fault = pair();
    if (fault !== null) terminal.say(fault);
  });
}

/** Fetches the CUDA binaries once if there is an NVIDIA card; without them the worker runs on the CPU. */
async function fetchGpuBinaries(logger: Logger, terminal: OwnerScreen | null): Promise<void> {
  const missing = cudaState(await describeMachine());
  if (missing === null) return;
  const say = (text: string) => {
    terminal?.say(text);
    logger.info(text);
  };
  say(missing);
  await installCudaBinaries(say).catch((error: unknown) => {
    const words = "the engine's CUDA binaries could not be fetched; the CPU is used";
    terminal?.say(words);
    logger.warn({ err: error }, words);
  });
}

/** Stops on the first signal and exits; on the second exits at once. Returns a signal that aborts when stopping starts. */
function endWith(stop: () => Promise<void>, logger: Logger, terminal: OwnerScreen | null): AbortSignal {
  const stopping = new AbortController();
  const end = (why: string) => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    terminal?.say("stopping; running answers go to other machines");
    logger.info({ why }, "stopping");
    setTimeout(() => process.exit(1), STOP_MAX_MS).unref();
    void stop().finally(() => process.exit(0));
  };
  process.on("SIGINT", () => end("SIGINT"));
  process.on("SIGTERM", () => end("SIGTERM"));
  // Started with an IPC channel, a worker does not outlive its parent.
  process.on("disconnect", () => end("the parent process ended"));
  return stopping.signal;
}

/** Sends the status to a parent with an IPC channel (the sandbox), which shows it. */
function tellParent(status: WorkerStatus): void {
  if (process.connected) process.send?.({ type: "status", status });
}
