/**
 * For tests: the pool at its JobHandle edge, with the engine's part written by the test. Like the pool it has one job
 * per key: a job asked for again emits its text from the start.
 */
import { randomUUID } from "node:crypto";
import { Refusal } from "../errors.ts";
import type { JobEvent, JobHandle, JobInput, JobResult } from "../jobs/job.ts";

/** A model's text for a request: whole, or in pieces; `length` where it is cut off. A thrown Refusal fails the job. */
export type Written = { pieces: readonly string[]; finishReason?: "stop" | "length"; hangs?: boolean };
export type Engine = (input: JobInput) => Written;

export class ScriptedJobs {
  /** Every job that was computed, in order; attaching again computes nothing. */
  readonly computed: JobInput[] = [];
  readonly cancelled: string[] = [];
  readonly #engine: Engine;
  readonly #jobs = new Map<string, ScriptedJob>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  readonly submit = async (input: JobInput): Promise<JobHandle> => {
    const known = this.#jobs.get(input.key);
    if (known !== undefined) return known;
    const written = this.#engine(input);
    this.computed.push(input);
    const job = new ScriptedJob(written, () => this.cancelled.push(input.key));
    this.#jobs.set(input.key, job);
    return job;
  };
}

class ScriptedJob implements JobHandle {
  readonly id = randomUUID();
  readonly bill = null;
  readonly #written: Written;
  readonly #onCancel: () => void;
  readonly #cancelled: Promise<void>;
  #cancel: () => void = () => undefined;

  constructor(written: Written, onCancel: () => void) {
    this.#written = written;
    this.#onCancel = onCancel;
    this.#cancelled = new Promise((resolve) => (this.#cancel = resolve));
  }

  async *events(): AsyncGenerator<JobEvent> {
    yield { kind: "leased", worker: "a machine", attempt: 1 };
    for (const text of this.#written.pieces) {
      yield { kind: "text", text };
      await Promise.resolve();
    }
    if (this.#written.hangs === true) {
      await this.#cancelled;
      yield { kind: "failed", code: "cancelled", message: "stopped" };
      return;
    }
    yield { kind: "done", result: this.#result() };
  }

  async result(): Promise<JobResult> {
    if (this.#written.hangs === true) throw new Refusal("cancelled", "stopped");
    return this.#result();
  }

  async cancel(): Promise<void> {
    this.#onCancel();
    this.#cancel();
  }

  #result(): JobResult {
    const text = this.#written.pieces.join("");
    const usage = { promptTokens: 100, completionTokens: Math.ceil(text.length / 4), estimated: false };
    const finishReason = this.#written.finishReason ?? "stop";
    return { text, finishReason, usage, worker: "a machine", attempts: 1, firstTokenMs: 5, elapsedMs: 10 };
  }
}
