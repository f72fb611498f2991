/**
 * How leases and jobs end. A lost lease puts its job back to the front of the queue; a finished, failed or cancelled
 * job has its row written first and is told to its readers afterwards, so that nobody hears of an end that a crash
 * could undo.
 */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { FinishReason } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import type { JobResult } from "./job.ts";
import { failRow, finishRow, requeueRow } from "./job-rows.ts";
import type { JobStore } from "./job-store.ts";
import type { JobEnd, LiveJob } from "./live-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import type { LiveLease } from "./live-lease.ts";

/** Why a lease was lost: a word for the attempt's row, and whether the worker is to blame. */
export interface Loss {
  end: string;
  fault: boolean;
}

/** From the second loss on a job waits a little, so that a sick pool is not hammered: 200, 400, 800 ms. */
const BACK_OFF_MS = 200;

interface EndParts {
  readonly ctx: AppContext;
  readonly store: JobStore;
  readonly jobs: LiveJobs;
  /** Called when a slot or a job became free. */
  readonly dispatch: () => void;
}

export class JobEnds {
  readonly #parts: EndParts;

  constructor(parts: EndParts) {
    this.#parts = parts;
  }

  /** The lease is over and the job is not: it waits again, to go on after its last committed token. */
  lose(job: LiveJob, lease: LiveLease, loss: Loss): void {
    if (lease.over) return;
    const { ctx, store, dispatch } = this.#parts;
    this.release(job, lease);
    ctx.log.info(
      { job: lease.job, worker: lease.workerName, ...loss, committed: job.completionTokens },
      "a lease was lost",
    );
    lease.tell({ type: "cancel", job: lease.job, fence: lease.fence });
    if (loss.fault) this.#blame(job, lease);
    const now = ctx.clock();
    const wait =
      job.attempts < 2 && loss.end !== "lease_not_written" ? 0 : BACK_OFF_MS * 2 ** Math.max(0, job.attempts - 2);
    job.phase = { kind: "waiting", since: job.facts.createdAt, moved: true, notBefore: now + wait };
    job.place = null;
    job.touch();
    void store
      .insist(() => requeueRow(ctx, job, lease, loss))
      .catch((err: unknown) =>
        ctx.log.error({ err, job: lease.job }, "a lost lease could not be written; its row expires by itself"),
      );
    if (job.isWritten) void this.finish(job, { ...last(lease), tokens: 0 }, "length");
    else if (job.attempts >= ctx.config.limits.attemptsMax) void this.fail(job, "attempts_exhausted", exhausted(job));
    else dispatch();
  }

  #blame(job: LiveJob, lease: LiveLease): void {
    job.failedOn.add(lease.workerId);
    const session = lease.session ?? this.#parts.ctx.registry.get(lease.workerId);
    if (session) session.failed++;
  }

  /** The answer is whole. `text` is given where a stop string cuts what was committed. */
  async finish(job: LiveJob, attempt: FinishedAttempt, reason: FinishReason, text = job.text): Promise<void> {
    if (job.ending) return;
    job.ending = true;
    const { ctx, store } = this.#parts;
    const result = resultOf(job, attempt, reason, text, ctx.clock());
    try {
      const written = await store.insist(() => finishRow(ctx, job, attempt, result));
      if (written) this.#end(job, { kind: "done", result });
      else this.abandon(job);
    } catch (fault) {
      this.#unwritten(job, fault);
    }
  }

  /** As `finish`, for a lease that runs: its slot becomes free at once. */
  async finishLease(job: LiveJob, lease: LiveLease, reason: FinishReason, text?: string): Promise<void> {
    const { session } = lease;
    this.release(job, lease);
    if (session) session.completed++;
    this.#parts.dispatch();
    await this.finish(job, last(lease), reason, text);
    // The worker may forget this lease.
    session?.line.send({ type: "stored", job: lease.job, fence: lease.fence, seq: lease.nextSeq });
  }

  /** The job cannot be done, or is not wanted any more. */
  async fail(job: LiveJob, code: ErrorCode, message: string): Promise<void> {
    if (job.ending) return;
    job.ending = true;
    const { ctx, store } = this.#parts;
    if (job.phase.kind === "leased" && !job.phase.lease.over) {
      const { lease } = job.phase;
      this.release(job, lease);
      lease.tell({ type: "cancel", job: lease.job, fence: lease.fence });
    }
    const state = code === "cancelled" ? "cancelled" : "failed";
    try {
      await store.insist(() => failRow(ctx, job, { state, code, message }));
      this.#end(job, { kind: "failed", code, message });
    } catch (fault) {
      this.#unwritten(job, fault);
    }
  }

  /** The database was away for longer than we insist. The row stays live, and the next start takes it up. */
  #unwritten(job: LiveJob, err: unknown): void {
    this.#parts.ctx.log.error({ err, job: job.facts.id }, "a job's end could not be written");
    this.#end(job, {
      kind: "failed",
      code: "interrupted",
      message: "The answer could not be stored; ask for it again.",
    });
  }

  /** Another server has this job now; its readers here ask again. */
  abandon(job: LiveJob): void {
    if (job.phase.kind === "leased") this.release(job, job.phase.lease);
    this.#parts.ctx.log.warn({ job: job.facts.id }, "a job's row moved on without this server");
    this.#end(job, {
      kind: "failed",
      code: "interrupted",
      message: "The answer is being written elsewhere; ask for it again.",
    });
  }

  /** Frees the worker's slot. What it still sends for this lease changes nothing. */
  release(job: LiveJob, lease: LiveLease): void {
    lease.over = true;
    const { cacheKey } = job.facts.request;
    const tokens = job.facts.promptTokens + job.completionTokens;
    lease.session?.release(lease.job, this.#parts.ctx.clock(), lease.granted ? { cacheKey, tokens } : undefined);
  }

  #end(job: LiveJob, end: JobEnd): void {
    if (job.phase.kind === "ended") return;
    this.#parts.jobs.remove(job);
    job.end(end);
    this.#parts.dispatch();
  }
}

export interface FinishedAttempt {
  readonly fence: number;
  readonly workerId: string | null;
  readonly workerName: string;
  readonly tokens: number;
}

function last({ fence, workerId, workerName, tokens }: LiveLease): FinishedAttempt {
  return { fence, workerId, workerName, tokens };
}

function exhausted(job: LiveJob): string {
  return `${job.attempts} workers were lost while answering; try again in a moment.`;
}

function resultOf(
  job: LiveJob,
  attempt: FinishedAttempt,
  finishReason: FinishReason,
  text: string,
  now: number,
): JobResult {
  const { createdAt, promptTokens } = job.facts;
  return {
    text,
    finishReason,
    usage: { promptTokens, completionTokens: job.completionTokens, estimated: job.estimated },
    worker: attempt.workerName,
    attempts: job.attempts,
    firstTokenMs: job.firstTokenAt === null ? null : job.firstTokenAt - createdAt,
    elapsedMs: now - createdAt,
  };
}
