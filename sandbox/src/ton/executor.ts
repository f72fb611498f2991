/**
 * The chain's side of the emulator's thread. Its WebAssembly takes a second and some 100 MB to load, so the thread starts with the first
 * question; executing there leaves the stack's event loop free. A thread that hangs or dies is replaced: it holds nothing. So is one in which
 * something was thrown: a trap (cells nested too deep for its stack) leaves WebAssembly's memory as it stood, and all that follows would fail.
 */
import { Worker } from "node:worker_threads";
import { guarded } from "@starai/protocol/guarded";
import type { FaultLog } from "@starai/protocol/guarded";
import type {
  Done,
  ExecutorQuestion,
  ExecutorReply,
  MethodRun,
  Refused,
  Returned,
  TransactionRun,
} from "./executor-messages.ts";

/** One million gas, the most a transaction may burn, takes under a second; starting takes two on a busy machine. */
const ANSWER_MS_MAX = 60_000;
/** Get methods and estimates stand in one line with the block that is being made: at 5 ms each, a block waits half a second for this many. */
const WAITING_MAX = 100;

interface Waiting {
  readonly question: ExecutorQuestion;
  /** Whether a thread has failed at it before: twice is the question's fault, once may have been the thread's. */
  failed: boolean;
  readonly resolve: (value: Refused | Done | Returned) => void;
  readonly reject: (fault: Error) => void;
}

export class EmulatorUnavailable extends Error {
  override readonly name = "EmulatorUnavailable";
}

/** Nothing is wrong: ask again in a moment. */
export class EmulatorBusy extends EmulatorUnavailable {}

export class Executor {
  readonly #config: string;
  readonly #log: FaultLog;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #watch: NodeJS.Timeout | undefined;
  #nextId = 1;
  #closed = false;

  /** `config` is the blockchain configuration, a base64 bag of cells. Starts nothing. */
  constructor(config: string, log: FaultLog = { error: () => {} }) {
    this.#config = config;
    this.#log = log;
  }

  /** A block's own question is never turned away, for it has one at a time: no loop of get methods stops the network. */
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

  #ask(question: ExecutorQuestion, waitingMax: number): Promise<Refused | Done | Returned> {
    if (this.#closed) return Promise.reject(new EmulatorUnavailable("the chain is closed"));
    if (this.#waiting.size >= waitingMax)
      return Promise.reject(new EmulatorBusy("Too many questions at once: try again in a moment."));
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { question, failed: false, resolve, reject });
      if (this.#waiting.size === 1) this.#watchFirst();
      worker.postMessage({ id, question }, []);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./executor-thread.mjs", import.meta.url), {
      execArgv: [],
      workerData: { config: this.#config },
    });
    const onReply = (reply: ExecutorReply) => {
      if (worker === this.#worker) this.#answered(reply);
    };
    const stop = () => void this.#stop("the emulator's reply could not be taken", worker);
    worker.on("message", guarded(this.#log, "a reply of the emulator", onReply, stop));
    worker.once("error", (fault) => void this.#stop(fault.message, worker));
    worker.once("exit", () => void this.#stop("the emulator's thread ended", worker));
    return worker;
  }

  #answered(reply: ExecutorReply): void {
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
    this.#watchFirst();
    waiting.resolve(reply.value);
  }

  /** Goes on in a fresh thread with everything that is not answered, in its order. */
  #replace(): void {
    const spoilt = this.#worker;
    this.#worker = null;
    void spoilt?.terminate();
    if (this.#waiting.size > 0) {
      const worker = (this.#worker = this.#start());
      for (const [id, { question }] of this.#waiting) worker.postMessage({ id, question }, []);
    }
    this.#watchFirst();
  }

  /** Questions are answered in the order asked, so time runs for the first. */
  #watchFirst(): void {
    clearTimeout(this.#watch);
    // An idle emulator keeps no process alive, a working one does.
    if (this.#waiting.size === 0) return this.#worker?.unref();
    this.#worker?.ref();
    this.#watch = setTimeout(() => void this.#stop("the emulator did not answer in time"), ANSWER_MS_MAX);
  }

  async #stop(reason: string, which = this.#worker): Promise<void> {
    if (!which || which !== this.#worker) return;
    this.#worker = null;
    clearTimeout(this.#watch);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new EmulatorUnavailable(reason));
    await which.terminate();
  }
}
