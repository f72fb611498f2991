/** Checks in a separate thread, before a job's text is committed, whether it still fits the job's grammar. */
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { guarded } from "@starai/protocol/guarded";
import type { FormAnswer, FormEnd, FormQuestion } from "./form-messages.ts";

type WithoutId<Answer> = Answer extends FormAnswer ? Omit<Answer, "id"> : never;
export type FormReading = WithoutId<Exclude<FormAnswer, { kind: "unknown_job" }>>;

/** A text and the grammar it must fit. */
export interface FormedText {
  /** Identifies the text across questions. */
  readonly job: string;
  readonly gbnf: string;
  readonly before: string;
  readonly added: string;
}

/** Reading takes microseconds per character; reading a whole answer again takes under a second. */
const ANSWER_TIMEOUT_MS = 5_000;
/**
 * Enough for sixty of the largest forms. A thread that needs more ends; the next loads only forms asked about again.
 */
const MEMORY_MIB = 1_024;
/** A question that ended the thread this often is abandoned: its text is not followed. */
const TRIES_MAX = 2;
/** After this many starts within a minute no thread is started for the rest of it, and forms are not checked. */
const STARTS_PER_MINUTE_MAX = 5;

interface Waiting {
  readonly text: FormedText;
  readonly whole: boolean;
  readonly tries: number;
  readonly answer: (reading: FormReading) => void;
}

export class FormFollower implements AsyncDisposable {
  readonly #log: Logger;
  /** In the order of the questions, which is that of the answers. Bounded: each lease asks one question at a time. */
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #watch: NodeJS.Timeout | undefined;
  #nextId = 1;
  #starts: number[] = [];
  #closed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Never throws: returns `not_followed` if the form cannot be checked; the engine is then trusted. */
  follow(text: FormedText): Promise<FormReading> {
    return new Promise((answer) => this.#ask({ text, whole: false, tries: 0, answer }));
  }

  /** Frees the thread's state of a job that has ended, up to 16 MB. */
  forget(job: string): void {
    const end: FormEnd = { ended: job };
    this.#thread?.postMessage(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#watch);
    for (const { answer } of this.#waiting.values()) answer({ kind: "not_followed" });
    this.#waiting.clear();
    await this.#thread?.terminate();
  }

  #ask(waiting: Waiting): void {
    const thread = this.#closed ? null : this.#running();
    if (!thread) return waiting.answer({ kind: "not_followed" });
    const { text, whole } = waiting;
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    if (this.#waiting.size === 1) this.#watchFirst();
    const question: FormQuestion = { id, job: text.job, at: text.before.length, added: text.added };
    if (whole) question.whole = { gbnf: text.gbnf, before: text.before };
    thread.postMessage(question);
  }

  #answered(answer: FormAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    this.#watchFirst();
    if (answer.kind === "unknown_job") return this.#ask({ ...waiting, whole: true });
    if (answer.kind === "not_followed" && answer.why)
      this.#log.warn({ job: waiting.text.job, why: answer.why }, "an answer's grammar cannot be followed");
    const { id: _, ...reading } = answer;
    waiting.answer(reading);
  }

  #running(): Worker | null {
    if (this.#thread) return this.#thread;
    const now = performance.now();
    this.#starts = this.#starts.filter((start) => now - start < 60_000);
    if (this.#starts.length >= STARTS_PER_MINUTE_MAX) return null;
    this.#starts.push(now);
    const module = new URL("./form-thread.ts", import.meta.url).href;
    const thread = new Worker(new URL("../start-thread.mjs", import.meta.url), {
      workerData: { module },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
    });
    const onAnswer = (answer: FormAnswer) => this.#answered(answer);
    thread.on("message", guarded(this.#log, "a form's reading", onAnswer));
    const onEnd = (how: unknown) => this.#ended(thread, how instanceof Error ? how.message : `exit ${String(how)}`);
    thread.on("error", guarded(this.#log, "the form thread's fault", onEnd));
    thread.on("exit", guarded(this.#log, "the form thread's end", onEnd));
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  #watchFirst(): void {
    clearTimeout(this.#watch);
    if (this.#waiting.size === 0) return;
    this.#watch = setTimeout(() => void this.#thread?.terminate(), ANSWER_TIMEOUT_MS);
  }

  /** Asks a new thread all open questions; the first, which ended the old thread, is abandoned after its second try. */
  #ended(thread: Worker, how: string): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    if (this.#closed) return;
    this.#log.warn({ how }, "the form thread ended; it starts again");
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const [index, waiting] of all.entries()) {
      const tries = waiting.tries + (index === 0 ? 1 : 0);
      if (tries >= TRIES_MAX) waiting.answer({ kind: "not_followed" });
      else this.#ask({ ...waiting, whole: true, tries });
    }
  }
}
