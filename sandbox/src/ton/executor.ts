/**
 * The chain's side of the emulator's thread. Its WebAssembly takes a second and some 100 MB to load, so the thread
 * starts with the first request; running there leaves the stack's event loop free. A thread that hangs or dies is
 * replaced, since it holds no state. So is one that threw: a trap (cells nested too deep for its stack) leaves
 * WebAssembly's memory corrupted, and every later request would fail.
 */
import { Worker } from "node:worker_threads";
import { guarded } from "@starai/protocol/guarded";
import type { FaultLog } from "@starai/protocol/guarded";
import type {
  Done,
  ExecutorRequest,
  ExecutorReply,
  MethodRun,
  Refused,
  Returned,
  TransactionRun,
} from "./executor-messages.ts";

/** One million gas, the most a transaction may burn, takes under a second; starting takes two seconds when busy. */
const ANSWER_MS_MAX = 60_000;
/** Get methods and estimates share a queue with the current block; at 5 ms each, this many delay it half a second. */
const WAITING_MAX = 100;

interface Waiting {
  readonly request: ExecutorRequest;
  /** Whether a thread has failed on it before: a first failure may be the thread's fault, a second is the request's. */
  failed: boolean;
  readonly resolve: (value: Refused | Done | Returned) => void;
  readonly reject: (fault: Error) => void;
}

export class EmulatorUnavailable extends Error {
  override readonly name = "EmulatorUnavailable";
}

/** The queue is full: retry in a moment. */
export class EmulatorBusy extends EmulatorUnavailable {}

export class Executor {
  readonly #config: string;
  readonly #log: FaultLog;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #timeout: NodeJS.Timeout | undefined;
  #nextId = 1;
  #closed = false;

  /** `config` is the blockchain configuration, a base64 bag of cells. Does not start the thread. */
  constructor(config: string, log: FaultLog = { error: () => {} }) {
    this.#config = config;
    this.#log = log;
  }

  /** Runs a transaction. A block's own is never rejected as busy, so no flood of get methods stops the network. */
  transaction(run: Omit<TransactionRun, "kind">, { ofBlock }: { ofBlock: boolean }): Promise<Done | Refused> {
    const waitingMax = ofBlock ? Infinity : WAITING_MAX;
    return this.#ask({ kind: "transaction", ...run }, waitingMax) as Promise<Done | Refused>;
  }

  method(run: Omit<MethodRun, "kind">): Promise<Returned | Refused> {
    return this.#ask({ kind: "method", ...run }, WAITING_MAX) as Promise<Returned | Refused>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#stop("the chain is closed");
  }

  #ask(request: ExecutorRequest, waitingMax: number): Promise<Refused | Done | Returned> {
    if (this.#closed) return Promise.reject(new EmulatorUnavailable("the chain is closed"));
    if (this.#waiting.size >= waitingMax)
      return Promise.reject(new EmulatorBusy("Too many requests at once: try again in a moment."));
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { request, failed: false, resolve, reject });
      if (this.#waiting.size === 1) this.#restartTimeout();
      worker.postMessage({ id, request }, []);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./executor-thread.mjs", import.meta.url), {
      execArgv: [],
      workerData: { config: this.#config },
    });
    const onReply = (reply: ExecutorReply) => {
      if (worker === this.#worker) this.#onReply(reply);
    };
    const stop = () => void this.#stop("the emulator's reply could not be handled", worker);
    worker.on("message", guarded(this.#log, "a reply of the emulator", onReply, stop));
    worker.once("error", (fault) => void this.#stop(fault.message, worker));
    worker.once("exit", () => void this.#stop("the emulator's thread ended", worker));
    return worker;
  }

  #onReply(reply: ExecutorReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if ("error" in reply && !waiting.failed) {
      waiting.failed = true;
      return this.#replace();
    }
    this.#waiting.delete(reply.id);
    if ("error" in reply) {
      waiting.reject(new Error(reply.error));
      return this.#replace();
    }
    this.#restartTimeout();
    waiting.resolve(reply.value);
  }

  /** Replaces the thread and sends it all unanswered requests again, in their order. */
  #replace(): void {
    const failed = this.#worker;
    this.#worker = null;
    void failed?.terminate();
    if (this.#waiting.size > 0) {
      const worker = (this.#worker = this.#start());
      for (const [id, { request }] of this.#waiting) worker.postMessage({ id, request }, []);
    }
    this.#restartTimeout();
  }

  /** Restarts the timeout, which applies to the first request, since requests are answered in order. */
  #restartTimeout(): void {
    clearTimeout(this.#timeout);
    // Only a working emulator keeps the process alive.
    if (this.#waiting.size === 0) return this.#worker?.unref();
    this.#worker?.ref();
    this.#timeout = setTimeout(() => void this.#stop("the emulator did not answer in time"), ANSWER_MS_MAX);
  }

  async #stop(reason: string, which = this.#worker): Promise<void> {
    if (!which || which !== this.#worker) return;
    this.#worker = null;
    clearTimeout(this.#timeout);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new EmulatorUnavailable(reason));
    await which.terminate();
  }
}
