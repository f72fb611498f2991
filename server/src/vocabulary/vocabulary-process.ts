/** The parent's side of a vocabulary child: starts it when first needed, asks it, and starts it again when it died. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { guarded } from "@starai/protocol/guarded";
import type { Events } from "../events/events.ts";
import type { VocabularyAnswer, VocabularyQuestion, VocabularyReply } from "./child-messages.ts";

/** Loading takes under a second on a quiet machine, everything else milliseconds; a count of what fits, 2 s at most. */
const ANSWER_TIMEOUT_MS: Record<VocabularyQuestion["kind"], number> = {
  load: 60_000,
  "count-pieces": 20_000,
  decode: 10_000,
  "check-grammar": 5_000,
};
/** A child that died is started again at once, twice within a minute; then each start waits twice as long. */
const STARTS_AT_ONCE = 3;
const START_PAUSE_MS = 500;
/** Short enough that a stream which holds for 30 s sees several starts. */
const START_PAUSE_MAX_MS = 4_000;

interface Waiting<Question> {
  question: Question;
  askedAt: number;
  resolve: (value: VocabularyAnswer) => void;
  reject: (fault: Error) => void;
}

/** There is no child to answer now (it died and is not yet started again, or the server closes). */
export class VocabularyUnavailable extends Error {
  override readonly name = "VocabularyUnavailable";
}

/** The child died or was killed for its silence while it worked on this very question. */
export class EndedTheChild extends Error {
  override readonly name = "EndedTheChild";
}

/** Its queue has no bound of its own: counts come through bounded lanes, and each lease verifies one frame. */
export class VocabularyProcess<Question extends VocabularyQuestion> {
  readonly #events: Events;
  /** What it is for, in the log. */
  readonly #work: "counting" | "verifying";
  /** In the order asked, which is the order the child answers in: the first is the one it works on. */
  readonly #waiting = new Map<number, Waiting<Question>>();
  #watch: NodeJS.Timeout | undefined;
  #child: ChildProcess | null = null;
  #nextId = 1;
  #starts: number[] = [];
  #closed = false;

  constructor(events: Events, work: "counting" | "verifying") {
    this.#events = events;
    this.#work = work;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * @throws {VocabularyUnavailable} when there is no child to answer
   * @throws {EndedTheChild} when the child ended on this question
   * @throws {Error} when the child refused the question
   */
  ask(question: Question): Promise<VocabularyAnswer> {
    if (this.#closed) return Promise.reject(new VocabularyUnavailable("the vocabulary process is closed"));
    const child = this.#ensureChild();
    if (!child)
      return Promise.reject(
        new VocabularyUnavailable("the vocabulary process keeps dying and starts again shortly; see the log"),
      );
    const id = this.#nextId++;
    const askedAt = performance.now();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { question, askedAt, resolve, reject });
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
    if (now < (this.#starts.at(-1) ?? -Infinity) + pauseAfter(this.#starts.length)) return null;
    this.#starts.push(now);
    const child = fork(fileURLToPath(new URL("./vocabulary-child.ts", import.meta.url)), [], {
      execArgv: ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    // llama.cpp talks there about every vocabulary-only file and every grammar it refuses.
    child.stderr?.on("data", (text: Buffer) =>
      this.#events.log.debug({ work: this.#work, text: String(text).trim() }, "vocabulary process"),
    );
    const onReply = (reply: unknown) => this.#answered(reply as VocabularyReply);
    child.on("message", guarded(this.#events.log, "a vocabulary's reply", onReply));
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
    const ms = performance.now() - waiting.askedAt;
    this.#events.vocabularyAnswered({ work: this.#work, kind: waiting.question.kind, ms });
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
      this.#events.vocabularyLate({ work: this.#work, kind });
      this.#child?.kill("SIGKILL");
    }, ANSWER_TIMEOUT_MS[kind]);
  }

  /** The question it died of is given up; those behind it are asked again of the next child. */
  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    clearTimeout(this.#watch);
    if (!this.#closed) this.#events.vocabularyEnded({ work: this.#work, how });
    const [first, ...rest] = this.#waiting.values();
    this.#waiting.clear();
    first?.reject(new EndedTheChild(`the vocabulary process ended (${how})`));
    for (const { question, resolve, reject } of rest) this.ask(question).then(resolve, reject);
  }
}

/** How long after the last start the next may come, with so many starts within a minute. */
function pauseAfter(starts: number): number {
  if (starts < STARTS_AT_ONCE) return 0;
  return Math.min(START_PAUSE_MAX_MS, START_PAUSE_MS * 2 ** (starts - STARTS_AT_ONCE));
}
