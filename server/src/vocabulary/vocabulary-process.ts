/** The parent's side of the vocabulary child: starts it when first needed, asks it, and starts it again when it died. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Logger } from "pino";
import { guarded } from "@starai/protocol/guarded";
import type { VocabularyQuestion, VocabularyReply } from "./child-messages.ts";

/** Questions unanswered at once. At 0.3 ms each this is a fraction of a second of work. */
const WAITING_MAX = 2_000;
/** Loading takes under a second on a quiet machine, everything else milliseconds. */
const ANSWER_TIMEOUT_MS: Record<VocabularyQuestion["kind"], number> = {
  load: 60_000,
  "count-pieces": 20_000,
  decode: 20_000,
  "check-grammar": 5_000,
};
/** A child that dies more often than this within a minute is given up for the rest of that minute. */
const STARTS_PER_MINUTE_MAX = 5;

interface Waiting {
  question: VocabularyQuestion;
  resolve: (value: number | string | null) => void;
  reject: (fault: Error) => void;
}

/** The child is not there to answer (it died, hung or has too much to do): usage is estimated until it is back. */
export class VocabularyUnavailable extends Error {
  override readonly name = "VocabularyUnavailable";
}

export class VocabularyProcess {
  readonly #log: Logger;
  /** In the order asked, which is the order the child answers in: the first is the one it works on. */
  readonly #waiting = new Map<number, Waiting>();
  #watch: NodeJS.Timeout | undefined;
  #child: ChildProcess | null = null;
  #nextId = 1;
  #starts: number[] = [];
  #closed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * @throws {VocabularyUnavailable} when there is no child to answer
   * @throws {Error} when the child refused the question
   */
  ask(question: VocabularyQuestion): Promise<number | string | null> {
    if (this.#closed) return Promise.reject(new VocabularyUnavailable("the vocabulary process is closed"));
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(new VocabularyUnavailable(`more than ${WAITING_MAX} questions wait for the vocabulary`));
    }
    const child = this.#ensureChild();
    if (!child) return Promise.reject(new VocabularyUnavailable("the vocabulary process keeps dying; see the log"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { question, resolve, reject });
      if (this.#waiting.size === 1) this.#watchFirst();
      child.send({ id, question });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL"); // It holds nothing worth saving.
    await ended;
  }

  #ensureChild(): ChildProcess | null {
    if (this.#child) return this.#child;
    const now = performance.now();
    this.#starts = this.#starts.filter((start) => now - start < 60_000);
    if (this.#starts.length >= STARTS_PER_MINUTE_MAX) return null;
    this.#starts.push(now);
    const child = fork(fileURLToPath(new URL("./vocabulary-child.ts", import.meta.url)), [], {
      execArgv: ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    // llama.cpp talks there about every vocabulary-only file and every grammar it refuses.
    child.stderr?.on("data", (text: Buffer) => this.#log.debug({ text: String(text).trim() }, "vocabulary process"));
    const onReply = (reply: unknown) => this.#answered(reply as VocabularyReply);
    child.on("message", guarded(this.#log, "a vocabulary's reply", onReply));
    child.once("error", (fault) => this.#died(child, fault.message));
    child.once("exit", (code, signal) => this.#died(child, `exit ${code ?? signal}`));
    this.#child = child;
    return child;
  }

  #answered(reply: VocabularyReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    this.#waiting.delete(reply.id);
    this.#watchFirst();
    if (reply.ok) waiting.resolve(reply.value);
    else waiting.reject(new Error(reply.message));
  }

  /** Time runs for the question being worked on, not for those that wait behind it. */
  #watchFirst(): void {
    clearTimeout(this.#watch);
    const [first] = this.#waiting.values();
    if (!first) return;
    const { kind } = first.question;
    this.#watch = setTimeout(() => {
      this.#log.warn({ kind }, "the vocabulary process did not answer in time; it is started again");
      this.#child?.kill("SIGKILL");
    }, ANSWER_TIMEOUT_MS[kind]);
  }

  /** The question it died of is given up; those behind it are asked again of the next child. */
  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    clearTimeout(this.#watch);
    if (!this.#closed) this.#log.warn({ how }, "the vocabulary process ended; it starts again when next needed");
    const [first, ...rest] = this.#waiting.values();
    this.#waiting.clear();
    first?.reject(new VocabularyUnavailable(`the vocabulary process ended (${how})`));
    for (const { question, resolve, reject } of rest) this.ask(question).then(resolve, reject);
  }
}
