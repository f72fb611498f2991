/** A running lease: the frames accepted so far, and the pace of its stream. */
import { createHash } from "node:crypto";
import { commitmentHead, idBytes } from "@starai/protocol/commitment";
import type { CommittedLease } from "@starai/protocol/commitment";
import type { PoolFrame, WorkerFrame } from "@starai/protocol/worker-frames";
import type { GroupMember } from "../db/group-member.ts";
import type { WorkerRecord } from "../pool/worker-record.ts";
import type { ConnectedWorker } from "../pool/connected-worker.ts";
import type { StreamView, WorkView } from "../scheduler/health.ts";
import type { RunningView } from "../scheduler/snapshot.ts";
import { levelMs } from "../prices/service-level.ts";
import type { Timed } from "../prices/service-level.ts";
import type { ServiceLevel } from "@starai/protocol/service-level";

/** Gaps remembered for the median: a few seconds of stream. */
const GAPS_MAX = 31;
/** Progress below this step is not a sign of life: negligible progress must not keep a lease. */
const PROGRESS_STEP = 0.01;

export interface LeaseTerms {
  running: RunningView;
  fence: number;
  worker: ConnectedWorker;
  /** Who serves the model together, the worker among them; null: it alone. */
  members: readonly GroupMember[] | null;
  predictedPrefillMs: number;
  /** Tokens to read before the first new one, without those in the engine's cache. */
  promptTokens: number;
  /** All tokens before its first one, whatever its engine still knows of them. */
  readTokens: number;
  /** How fast its worker must be to earn all of its share. */
  level: ServiceLevel;
  /** Factor by which other streams slow it, at least 1. */
  slowdown: number;
  /** When it was granted, by the monotonic clock, as all times here. */
  now: number;
}

export class LiveLease {
  /** The scheduler's view of the lease. */
  readonly running: RunningView;
  readonly fence: number;
  readonly workerId: string;
  readonly workerName: string;
  readonly record: WorkerRecord;
  /** Whether the worker declared token ids for this model; then it must send them. */
  readonly sendsIds: boolean;
  readonly workerVersion: string;
  readonly members: readonly GroupMember[] | null;
  /** Null while the worker is disconnected and may still reconnect. */
  worker: ConnectedWorker | null;
  /** Deadline for reconnecting; null while it is connected. */
  returnBy: number | null = null;
  /** The required sequence number of the next frame. */
  nextSeq = 0;
  /** Frames below this are committed in memory. */
  committedSeq = 0;
  /** Accepted but not committed frames, in order, with their connection. Bounded by pausing the worker's socket. */
  readonly inbox: { frame: WorkerFrame & { type: "tokens" | "done" | "fail" }; worker: ConnectedWorker }[] = [];
  committing = false;
  /** Whether the lease has ended: frames still in the inbox then change nothing. */
  over = false;
  /** Whether the lease frame was sent; before that its row is still being written. */
  granted = false;
  /** Tokens it added to the bill. */
  tokens = 0;
  /** Tokens it wrote, to measure its pace by: an engine without ids may send many in one frame. */
  written = 0;
  /** Of what it sent; null where it sends no ids. */
  readonly #commitment: ReturnType<typeof createHash> | null;
  readonly #terms: LeaseTerms;
  readonly #gapsMs: number[] = [];
  #mayReturn = true;
  /** Start of the measured work: the grant, or the end of a standstill that the worker did not cause. */
  #since: number;
  #lastSignAt: number;
  /** Its last sign of work, or until when it kept the job without one. */
  #workedUntil: number;
  #firstTokensAt: number | null = null;
  #lastTokensAt: number | null = null;
  /** Tokens of the first frame, which do not count for the time between frames. */
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
    this.members = terms.members;
    this.record = terms.worker.record;
    const served = terms.worker.facts.models.find(({ id }) => id === terms.running.model);
    this.sendsIds = served?.tokenIds ?? false;
    this.#commitment = served?.tokenIds ? commitmentOf({ job: this.job, fence: terms.fence, ...served }) : null;
    this.#since = terms.now;
    this.#lastSignAt = terms.now;
    this.#workedUntil = terms.now;
  }

  get job(): string {
    return this.running.job;
  }

  /** The keys of all machines that work on it. */
  get machines(): readonly string[] {
    return this.members?.map(({ worker }) => worker) ?? [this.workerId];
  }

  /** Sends a frame to the worker if it is connected. */
  send(frame: PoolFrame): void {
    this.worker?.sender.send(frame);
  }

  /** Cancels the lease at its worker; a lease that was never written was never sent, so there is nothing to cancel. */
  cancel(): void {
    if (this.granted) this.send({ type: "cancel", job: this.job, fence: this.fence });
  }

  /** Its ids are what their text says: they belong to what it committed to. */
  received(ids: readonly number[] | null): void {
    if (ids) this.#commitment?.update(idBytes(ids));
  }

  /** What its worker's commitment must be; null where it sends no ids. */
  get commitment(): string | null {
    return this.#commitment?.copy().digest("hex") ?? null;
  }

  progressed(done: number, now: number): void {
    if (done < this.#progress + PROGRESS_STEP) return;
    this.#progress = done;
    this.#signOfWork(now);
  }

  /** @param count  tokens received; an empty frame is not a sign of life */
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
    this.#workedUntil = now;
    this.#mayReturn = true;
  }

  /** Whether to wait for a disconnected worker: a second time only if the lease made progress since the first. */
  get mayReturn(): boolean {
    return this.granted && this.#mayReturn;
  }

  /** The worker has reconnected: silence is measured from now. */
  cameBack(worker: ConnectedWorker, now: number): void {
    this.worker = worker;
    this.returnBy = null;
    this.#lastSignAt = now;
    this.#mayReturn = false;
  }

  /** Its frames are still being processed here, so its silence meanwhile does not count. */
  forgiveSilence(now: number): void {
    this.#lastSignAt = now;
  }

  /** This process was suspended so long that the measured pace is meaningless. */
  forgivePace(standstillMs: number, now: number): void {
    this.#since += standstillMs;
    this.#lastSignAt = now;
  }

  /** Starts the measurement: the lease was just sent to the worker. */
  begin(now: number): void {
    this.granted = true;
    this.#since = now;
    this.#lastSignAt = now;
    this.#workedUntil = now;
  }

  /** Its worker is to blame for its end: the silence before that was time that it took. */
  wasKeptUntil(now: number): void {
    this.#workedUntil = now;
  }

  /** What it took and might have taken; null where its worker never had it. */
  timed(): Timed | null {
    if (!this.granted) return null;
    const { level, readTokens } = this.#terms;
    const tookMs = Math.max(0, Math.round(this.#workedUntil - this.#since));
    return { tookMs, levelMs: levelMs(level, { read: readTokens, written: this.tokens }) };
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

  /** Work done so far, to compare with the minimum pace. */
  work(): WorkView {
    return {
      since: this.#since,
      startedAt: this.#firstTokensAt === null ? null : Math.max(this.#since, this.#firstTokensAt),
      readTokens: this.#progress * this.#terms.promptTokens,
      writtenTokens: this.written,
    };
  }

  /** Adds this lease's speed to the worker's record, and returns what it wrote after its first tokens, and in what time. */
  measure(): { tokens: number; ms: number } {
    const [first, last] = [this.#firstTokensAt, this.#lastTokensAt];
    if (first === null || last === null) return { tokens: 0, ms: 0 };
    const written = { tokens: this.written - this.#firstTokens, ms: last - first };
    const read = { tokens: this.#terms.promptTokens, ms: first - this.#since };
    this.record.pace(this.running.model).learn(read, written, this.#terms.slowdown);
    return written;
  }
}

const commitmentOf = (lease: CommittedLease) => createHash("sha256").update(commitmentHead(lease));
