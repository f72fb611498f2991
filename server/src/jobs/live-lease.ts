/** A lease while it runs: which frames were taken, and how steadily the stream goes. */
import type { PoolFrame, WorkerFrame } from "@starai/protocol/worker-frames";
import type { WorkerRecord } from "../pool/worker-record.ts";
import type { ConnectedWorker } from "../pool/connected-worker.ts";
import type { StreamView, WorkView } from "../scheduler/health.ts";
import type { RunningView } from "../scheduler/snapshot.ts";

/** Gaps remembered for the median: a few seconds of stream. */
const GAPS_MAX = 31;
/** Progress below this step is no sign of life: what adds up to nothing may not hold a lease. */
const PROGRESS_STEP = 0.01;

export interface LeaseTerms {
  running: RunningView;
  fence: number;
  worker: ConnectedWorker;
  predictedPrefillMs: number;
  /** Tokens to be read before the first new one, without those the engine remembers. */
  promptTokens: number;
  /** By how much its neighbours slow it, 1 or more. */
  slowdown: number;
  /** When it was given, by the monotonic clock, as all times here. */
  now: number;
}

export class LiveLease {
  /** The lease as the scheduler sees it. */
  readonly running: RunningView;
  readonly fence: number;
  readonly workerId: string;
  readonly workerName: string;
  readonly record: WorkerRecord;
  /** Whether the worker said that it sends token ids for this model; then it must. */
  readonly sendsIds: boolean;
  readonly workerVersion: string;
  /** Null while the worker's connection is gone and it may still come back. */
  worker: ConnectedWorker | null;
  /** Until when it may come back; null while it is connected. */
  returnBy: number | null = null;
  /** The number the next frame must have. */
  nextSeq = 0;
  /** Frames below this are committed in memory. */
  committedSeq = 0;
  /** Taken and not yet committed, in order, with the connection they came by. Bounded by holding the worker's line. */
  readonly inbox: { frame: WorkerFrame & { type: "tokens" | "done" | "fail" }; worker: ConnectedWorker }[] = [];
  committing = false;
  /** Over, for whatever reason: what is still in the inbox changes nothing. */
  over = false;
  /** Whether the lease frame was sent; before that its row is still being written. */
  granted = false;
  tokens = 0;
  readonly #terms: LeaseTerms;
  readonly #gapsMs: number[] = [];
  #mayReturn = true;
  /** When the work began to count: the lease, or the end of a standstill that was not the worker's. */
  #since: number;
  #lastSignAt: number;
  #firstTokensAt: number | null = null;
  #lastTokensAt: number | null = null;
  /** Tokens of the first frame: they tell nothing of the time between frames. */
  #firstTokens = 0;
  #progress = 0;

  constructor(terms: LeaseTerms) {
    this.#terms = terms;
    this.running = terms.running;
    this.fence = terms.fence;
    this.worker = terms.worker;
    this.workerId = terms.worker.id;
    this.workerName = terms.worker.facts.name;
    this.workerVersion = terms.worker.facts.version;
    this.record = terms.worker.record;
    this.sendsIds = terms.worker.facts.models.some((model) => model.id === terms.running.model && model.tokenIds);
    this.#since = terms.now;
    this.#lastSignAt = terms.now;
  }

  get job(): string {
    return this.running.job;
  }

  /** Says something to the worker, if it is there. */
  tell(frame: PoolFrame): void {
    this.worker?.sender.send(frame);
  }

  /** A lease that was never written was never told either: its worker knows nothing to cancel. */
  cancel(): void {
    if (this.granted) this.tell({ type: "cancel", job: this.job, fence: this.fence });
  }

  progressed(done: number, now: number): void {
    if (done < this.#progress + PROGRESS_STEP) return;
    this.#progress = done;
    this.#signOfWork(now);
  }

  /** @param count  how many came; a frame that brings nothing is no sign of life */
  tokensCame(count: number, now: number): void {
    if (count === 0) return;
    if (this.#firstTokensAt === null) {
      this.#firstTokensAt = now;
      this.#firstTokens = count;
    } else this.#gapsMs.push(now - this.#lastTokensAt!);
    if (this.#gapsMs.length > GAPS_MAX) this.#gapsMs.shift();
    this.#lastTokensAt = now;
    this.#signOfWork(now);
  }

  #signOfWork(now: number): void {
    this.#lastSignAt = now;
    this.#mayReturn = true;
  }

  /** Whether it waits for a worker whose connection breaks: again only when something was done since the last time. */
  get mayReturn(): boolean {
    return this.granted && this.#mayReturn;
  }

  /** Its worker is connected again: silence is counted from now. */
  cameBack(worker: ConnectedWorker, now: number): void {
    this.worker = worker;
    this.returnBy = null;
    this.#lastSignAt = now;
    this.#mayReturn = false;
  }

  /** What came is being read here: that it says nothing more meanwhile is ours. */
  forgiveSilence(now: number): void {
    this.#lastSignAt = now;
  }

  /** This server stood still for so long that nobody's pace means anything. */
  forgivePace(standstillMs: number, now: number): void {
    this.#since += standstillMs;
    this.#lastSignAt = now;
  }

  /** Begins to count: the worker has just been sent the lease. */
  begin(now: number): void {
    this.granted = true;
    this.#since = now;
    this.#lastSignAt = now;
  }

  stream(): StreamView {
    const sorted = [...this.#gapsMs].sort((one, other) => one - other);
    return {
      job: this.job,
      lastSignAt: this.#lastSignAt,
      medianGapMs: sorted[Math.floor(sorted.length / 2)] ?? null,
      started: this.#lastTokensAt !== null,
      predictedPrefillMs: this.#terms.predictedPrefillMs,
    };
  }

  /** What it has done so far, for the floor under which no machine works. */
  work(): WorkView {
    const written = this.tokens;
    return {
      since: this.#since,
      startedAt: this.#firstTokensAt === null ? null : Math.max(this.#since, this.#firstTokensAt),
      readTokens: this.#progress * this.#terms.promptTokens,
      writtenTokens: written,
    };
  }

  /** Teaches the worker's record how fast this lease went. */
  measure(): void {
    const [first, last] = [this.#firstTokensAt, this.#lastTokensAt];
    if (first === null || last === null) return;
    this.record
      .pace(this.running.model)
      .learn(
        { tokens: this.#terms.promptTokens, ms: first - this.#since },
        { tokens: this.tokens - this.#firstTokens, ms: last - first },
        this.#terms.slowdown,
      );
  }
}
