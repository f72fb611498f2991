/** A lease while it runs: which frames were taken, and how steadily the stream goes. */
import type { PoolFrame, WorkerFrame } from "@starai/protocol/worker-frames";
import type { WorkerSession } from "../pool/worker-session.ts";
import type { StreamView } from "../scheduler/health.ts";
import type { RunningView } from "../scheduler/snapshot.ts";

export type LeaseFrame = WorkerFrame & { type: "progress" | "tokens" | "done" | "fail" };

/** Gaps remembered for the median: a few seconds of stream. */
const GAPS_MAX = 31;
/** The largest models load from a slow disk within this. */
const STANDSTILL_MAX_MS = 60_000;

export interface LeaseTerms {
  running: RunningView;
  fence: number;
  session: WorkerSession;
  predictedPrefillMs: number;
  /** When it was given. */
  now: number;
}

export class LiveLease {
  /** The lease as the scheduler sees it. */
  readonly running: RunningView;
  readonly fence: number;
  readonly workerId: string;
  readonly workerName: string;
  readonly workerVersion: string;
  /** Null while the worker's connection is gone and it may still come back. */
  session: WorkerSession | null;
  /** Until when it may come back; null while it is connected. */
  returnBy: number | null = null;
  /** The number the next frame must have. */
  nextSeq = 0;
  /** Frames below this are committed in memory. */
  committedSeq = 0;
  /** Taken and not yet committed, in order. Bounded by holding the worker's line. */
  readonly inbox: (WorkerFrame & { type: "tokens" | "done" | "fail" })[] = [];
  committing = false;
  /** Over, for whatever reason: what is still in the inbox changes nothing. */
  over = false;
  /** Whether the lease frame was sent; before that its row is still being written. */
  granted = false;
  tokens = 0;
  readonly #predictedPrefillMs: number;
  readonly #gapsMs: number[] = [];
  #lastSignAt: number;
  #lastTokensAt: number | null = null;
  #progress = 0;
  #roseAt: number;

  constructor(input: LeaseTerms) {
    this.running = input.running;
    this.fence = input.fence;
    this.session = input.session;
    this.workerId = input.session.id;
    this.workerName = input.session.facts.name;
    this.workerVersion = input.session.facts.version;
    this.#predictedPrefillMs = input.predictedPrefillMs;
    this.#lastSignAt = input.now;
    this.#roseAt = input.now;
  }

  get job(): string {
    return this.running.job;
  }

  /** Says something to the worker, if it is there. */
  tell(frame: PoolFrame): void {
    this.session?.line.send(frame);
  }

  /** Progress that does not rise is a sign of life too (a model loads), but not for ever: an engine may be stuck. */
  progressed(done: number, now: number): void {
    if (done > this.#progress) this.#roseAt = now;
    this.#progress = Math.max(this.#progress, done);
    if (now - this.#roseAt <= STANDSTILL_MAX_MS) this.#lastSignAt = now;
  }

  tokensCame(now: number): void {
    if (this.#lastTokensAt !== null) this.#gapsMs.push(now - this.#lastTokensAt);
    if (this.#gapsMs.length > GAPS_MAX) this.#gapsMs.shift();
    this.#lastTokensAt = now;
    this.#lastSignAt = now;
  }

  /** The server itself stood still, or the worker is just back: silence is counted from now. */
  forgiveSilence(now: number): void {
    this.#lastSignAt = now;
  }

  stream(): StreamView {
    const sorted = [...this.#gapsMs].sort((one, other) => one - other);
    return {
      job: this.job,
      lastSignAt: this.#lastSignAt,
      medianGapMs: sorted[Math.floor(sorted.length / 2)] ?? null,
      started: this.#lastTokensAt !== null,
      predictedPrefillMs: this.#predictedPrefillMs,
    };
  }
}
