/** The server's side of the schema thread: starts it when first needed, and ends it when a question takes too long. */
import { Worker } from "node:worker_threads";
import type { SchemaQuestion, SchemaReply } from "./schema-thread.ts";

/** The largest schemas a request may send take about half a second of one core. */
const ANSWER_MS = 5_000;
/** It loads in under a second on a quiet machine. */
const START_MS = 60_000;
/** Heap limit: far above all cached forms, far below the machine's memory. */
const MEMORY_MIB = 512;

/** "ended": the thread was ended, because the question took too long or too much memory. */
export type SchemaAnswer = Exclude<SchemaReply, { kind: "ready" }> | { kind: "ended" };

interface StartedThread {
  worker: Worker;
  /** Null when it could not start. */
  ready: Promise<SchemaReply | null>;
  /** Why the thread ended, if it ended by itself. */
  fault?: unknown;
}

export class SchemaThread {
  readonly #answerMs: number;
  #thread: StartedThread | null = null;

  constructor(answerMs = ANSWER_MS) {
    this.#answerMs = answerMs;
  }

  /** Asks one question at a time; the time limit starts when the thread is ready. */
  async ask(question: SchemaQuestion): Promise<SchemaAnswer> {
    const thread = (this.#thread ??= startThread());
    if ((await thread.ready) === null) {
      await this[Symbol.asyncDispose]();
      throw new Error("the thread that reads schemas did not start", { cause: thread.fault });
    }
    const answered = nextReply(thread.worker, this.#answerMs);
    thread.worker.postMessage(question, []);
    const reply = await answered;
    if (reply !== null && reply.kind !== "ready") return reply;
    await this[Symbol.asyncDispose]();
    return { kind: "ended" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.worker.terminate();
  }
}

function startThread(): StartedThread {
  const resourceLimits = { maxOldGenerationSizeMb: MEMORY_MIB };
  const module = new URL("./schema-thread.ts", import.meta.url).href;
  const worker = new Worker(new URL("../start-thread.mjs", import.meta.url), {
    workerData: { module },
    resourceLimits,
  });
  const thread: StartedThread = { worker, ready: nextReply(worker, START_MS) };
  // "exit" follows and rejects the pending reply; an unhandled "error" would end the process.
  worker.on("error", (fault) => {
    thread.fault = fault;
  });
  return thread;
}

/** Null when the thread ends or the time is up. */
function nextReply(worker: Worker, withinMs: number): Promise<SchemaReply | null> {
  return new Promise((resolve) => {
    const settle = (reply: SchemaReply | null) => {
      clearTimeout(timer);
      worker.off("message", settle).off("exit", ended);
      resolve(reply);
    };
    const ended = () => settle(null);
    const timer = setTimeout(ended, withinMs);
    worker.on("message", settle).on("exit", ended);
  });
}
