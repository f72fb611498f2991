/** `worker start`: runs until Ctrl-C, SIGTERM, or the end of the process that started it. */
import { endOnFault } from "@starai/protocol/end-on-fault";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import { startWorker } from "../daemon.ts";
import { cudaState, installCudaBinaries } from "../gpu-binaries.ts";
import { describeMachine } from "../machine.ts";
import type { WorkerStatus } from "../open-engines.ts";
import type { TerminalLines } from "../terminal-lines.ts";

/** Limit on a graceful stop; after it the process exits. A forced exit loses no data. */
const STOP_MAX_MS = 3_000;

/** @param terminal  prints status lines for a person; null without a terminal */
export async function start(config: WorkerConfig, logger: Logger, terminal: TerminalLines | null): Promise<void> {
  terminal?.say("lending this machine to a pool; Ctrl-C stops it and loses nobody's answer");
  await fetchGpuBinaries(logger, terminal);
  const worker = await startWorker(config, {
    logger,
    onStatus: (status) => (terminal ? terminal.tell(status) : tellParent(status)),
  });
  endOnFault(process, { log: logger, close: () => worker.stop() });
  const stopping = endWith(() => worker.stop(), logger, terminal);
  logger.info({ id: worker.id, home: config.home }, "worker starting");
  await worker.ready.catch((error: unknown) => {
    // A stop before the worker was ready is not a failure.
    if (!stopping.aborted) throw error;
  });
}

/** Fetches the CUDA binaries once if there is an NVIDIA card; without them the worker runs on the CPU. */
async function fetchGpuBinaries(logger: Logger, terminal: TerminalLines | null): Promise<void> {
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
function endWith(stop: () => Promise<void>, logger: Logger, terminal: TerminalLines | null): AbortSignal {
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
