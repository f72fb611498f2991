/**
 * The worker daemon as a child process, as a contributor would run it: it downloads and loads the model itself and
 * reports its progress over IPC. When it dies it is restarted, with growing pauses.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { z } from "zod";
import { guarded } from "@starai/protocol/guarded";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** A worker that ran this long counts as stable: its next restart has the first pause again. */
const STABLE_MS = 60_000;
/** The worker ends itself within 3 s; after this it is killed. */
const STOP_MS = 4_000;

const Status = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("downloading"),
    model: z.string(),
    doneBytes: z.number(),
    totalBytes: z.number(),
    source: z.string(),
  }),
  z.object({ state: z.literal("loading"), model: z.string(), done: z.number() }),
  z.object({ state: z.literal("measuring"), model: z.string() }),
  z.object({ state: z.literal("connecting") }),
  z.object({ state: z.literal("connected") }),
  z.object({ state: z.literal("lending"), model: z.string() }),
  z.object({
    state: z.literal("group"),
    part: z.string(),
    stage: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("preparing"), done: z.number(), words: z.string() }),
      z.object({ kind: z.literal("waiting") }),
      z.object({ kind: z.literal("up") }),
      z.object({ kind: z.literal("ended"), reason: z.string() }),
    ]),
  }),
  z.object({ state: z.literal("waiting") }),
  z.object({ state: z.literal("resting") }),
]);
export type WorkerStatus = z.infer<typeof Status>;
/** pino's number for "error". */
const ERROR_LEVEL = 50;
const FromWorker = z.object({ type: z.literal("status"), status: Status });
const LogLine = z.looseObject({
  level: z.number(),
  msg: z.string().optional(),
  err: z.looseObject({ message: z.string() }).optional(),
});

export interface WorkerChildOptions {
  readonly env: Record<string, string | undefined>;
  readonly log: Logger;
  onStatus(status: WorkerStatus): void;
  /** Called when the worker ends unasked; `reason` is its last logged error, or its exit code or signal. */
  onDeath(death: { reason: string; againInMs: number }): void;
}

export class WorkerChild {
  readonly #options: WorkerChildOptions;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = PAUSE_FIRST_MS;
  #stopped: Promise<void> | null = null;

  constructor(options: WorkerChildOptions) {
    this.#options = options;
    this.#start();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#end());
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(kill);
  }

  #start(): void {
    const startedAt = Date.now();
    const child = spawn(process.execPath, ["--import", "tsx", "worker/src/main.ts", "start"], {
      cwd: ROOT,
      env: this.#options.env,
      // The IPC channel closes when this process ends, even by kill -9, and the worker then stops.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    let complaint = "";
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        readline.createInterface({ input: stream }).on("line", (line) => {
          const said = read(line);
          this.#options.log.info({ worker: said }, "the worker says");
          complaint = complaintIn(said) ?? complaint;
        });
    const onMessage = (message: unknown) => {
      const parsed = FromWorker.safeParse(message);
      if (parsed.success) this.#options.onStatus(parsed.data.status);
    };
    child.on("message", guarded(this.#options.log, "a message of the worker", onMessage));
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      this.#child = null;
      if (!this.#stopped) this.#restart(complaint || how, Date.now() - startedAt);
    };
    child.on("error", (error) => ended(error.message));
    child.on("close", (code, signal) => ended(`it ended with ${signal ?? `code ${code}`}`));
  }

  #restart(reason: string, livedMs: number): void {
    if (livedMs > STABLE_MS) this.#pauseMs = PAUSE_FIRST_MS;
    this.#options.onDeath({ reason, againInMs: this.#pauseMs });
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(PAUSE_MAX_MS, this.#pauseMs * 2);
  }
}

function read(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** The error in an output line: a logged error's message, or the message of a crash; null when there is none. */
function complaintIn(said: unknown): string | null {
  if (typeof said === "string") return /^(?:\w*Error|Uncaught)[^:]*: (.+)$/.exec(said)?.[1] ?? null;
  const entry = LogLine.safeParse(said);
  if (!entry.success || entry.data.level < ERROR_LEVEL) return null;
  return entry.data.err?.message ?? entry.data.msg ?? null;
}
