/**
 * Ends leases and jobs. A lost lease puts its job back at the front of the queue. A finished, failed or cancelled job is
 * written to its row before its readers are notified, so that no reader sees an end that a crash could undo.
 */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { FinishReason } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import { tellPause } from "../pool/tell-pause.ts";
import type { Pause } from "../pool/worker-record.ts";
import type { FinishedAttempt, Loss } from "./attempt-end.ts";
import type { JobResult } from "./job.ts";
import { failJob, finishJob } from "./end-of-job.ts";
import { requeueRow } from "./job-rows.ts";
import type { JobStore } from "./job-store.ts";
import type { JobEnd, LiveJob } from "./live-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import type { LiveLease } from "./live-lease.ts";

/** Pause before a job that every worker has tried starts another round: 200, 400, 800 ms … */
const BACK_OFF_MS = 200;
const BACK_OFF_MAX_MS = 5_000;
/** Pause between attempts to write a lease while the database is unavailable. */
const NOT_WRITTEN_MS = 1_000;
/** First failures of unproven workers that count as one attempt: each says little about the job. */
const STRANGERS_SHARE = 0.25;
/** Maximum leases of one job, whatever ended them: sixteen times its attempts. */
const LOSSES_MAX = 64;

const FORM_BROKEN = "No worker here kept its answer in the form that was asked for; ask again, or simplify the schema.";

interface EndParts {
  readonly ctx: PoolContext;
  readonly store: JobStore;
  readonly jobs: LiveJobs;
  /** Called when a slot or a job became free. */
  readonly dispatch: () => void;
}

export class JobEnds {
  readonly #parts: EndParts;
  /** Lost leases that are being written, by job: its end is written after them, and pays by what they say. */
  readonly #requeues = new Map<string, Promise<void>>();

  constructor(parts: EndParts) {
    this.#parts = parts;
  }

  /** Ends the lease but not the job, which waits again and continues elsewhere after its last committed token. */
  lose(job: LiveJob, lease: LiveLease, said: Loss): void {
    if (lease.over) return;
    const loss = this.#judged(lease, said);
    const { ctx, store, dispatch } = this.#parts;
    // The failure may have cleared the engine's memory.
    this.release(job, lease, { keepsPrompt: false });
    if (said.blame === "fault") lease.wasKeptUntil(ctx.monotonic());
    ctx.events.leaseLost(job.facts, lease, { ...loss, committed: job.completionTokens });
    lease.cancel();
    this.#weigh(job, lease, loss);
    this.#wait(job, lease);
    const write = () => requeueRow(ctx, job, lease, loss);
    // A lease that was never granted may have no row; the next lease's fence is higher either way.
    const writing = (lease.granted ? store.insist(write) : write()).catch((error: unknown) => {
      if (!ctx.health.noticed(error))
        ctx.log.error({ err: error, job: lease.job }, "a lost lease could not be written; its row expires by itself");
    });
    this.#requeues.set(lease.job, writing);
    void writing.finally(() => {
      if (this.#requeues.get(lease.job) === writing) this.#requeues.delete(lease.job);
    });
    if (job.isWritten) void this.finish(job, { ...finishedAttempt(lease), tokens: 0 }, "length");
    else if (this.#nobodyKeepsTheForm(job)) void this.fail(job, "output_invalid", FORM_BROKEN);
    else if (job.faults >= ctx.config.limits.attemptsMax || job.losses >= LOSSES_MAX)
      void this.fail(job, "attempts_exhausted", exhausted(job));
    else dispatch();
  }

  /** What a group lost counts against the machine that caused it, once the pool knows which; a false frame is its head's. */
  #judged({ granted, workerId, running }: LiveLease, loss: Loss): Loss {
    if (!granted || loss.blame !== "fault" || loss.isFalse === true) return loss;
    const isGroups = this.#parts.ctx.groups.suspect(workerId, running.model, loss.end);
    return isGroups ? { ...loss, blame: "none" } : loss;
  }

  /** Whether every connected worker broke the form, or the only one did twice: more attempts would end the same way. */
  #nobodyKeepsTheForm(job: LiveJob): boolean {
    return this.#everybodyHadIt(job) && job.formBreaks === job.losses;
  }

  /** Counts only workers that are connected now and may take it at its price. */
  #everybodyHadIt(job: LiveJob): boolean {
    const { registry } = this.#parts.ctx;
    const here = registry
      .connectedWorkers()
      .filter((one) => one.facts.askPercent <= job.facts.askPercentMax && registry.mayDo(one, job.facts));
    return job.losses > 1 && here.length > 0 && here.every(({ id }) => job.failedOn.has(id));
  }

  #weigh(job: LiveJob, lease: LiveLease, { end, blame }: Loss): void {
    // A lease that never reached the worker does not count against it.
    if (!lease.granted) return;
    job.losses++;
    const isFirst = !job.failedOn.has(lease.workerId);
    job.failedOn.add(lease.workerId);
    if (blame === "fault") job.faults += isFirst && !lease.record.proven ? STRANGERS_SHARE : 1;
    const now = this.#parts.ctx.monotonic();
    if (blame === "fault") this.#parts.ctx.registry.hours.of(lease.workerId).failed++;
    if (blame === "form") lease.record.leftForm(job.facts.model.id, now);
    const pause =
      blame === "fault" ? lease.record.faulted(end, now) : blame === "refusal" ? lease.record.refused(end, now) : null;
    if (pause) this.#emitPause(lease, pause);
  }

  #emitPause({ workerName: name, workerId, worker, record }: LiveLease, pause: Pause): void {
    const { ctx } = this.#parts;
    tellPause(ctx, { name, record, sender: (worker ?? ctx.registry.get(workerId))?.sender }, pause);
  }

  #wait(job: LiveJob, { granted }: LiveLease): void {
    const { ctx } = this.#parts;
    const backOff = this.#everybodyHadIt(job) ? Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS * 2 ** (job.losses - 2)) : 0;
    const wait = granted ? backOff : NOT_WRITTEN_MS;
    job.phase = { kind: "waiting", since: job.facts.submittedAt, moved: true, notBefore: ctx.monotonic() + wait };
    job.place = null;
    job.touch();
  }

  /** Finishes the job. `text` is given when a stop string cuts the committed text. */
  async finish(job: LiveJob, attempt: FinishedAttempt, reason: FinishReason, text = job.text): Promise<void> {
    if (job.ending) return;
    job.ending = true;
    const { ctx, store } = this.#parts;
    const result = resultOf(job, attempt, reason, text, ctx.monotonic());
    await this.#requeues.get(job.facts.id);
    try {
      const written = await store.insist(() => finishJob(ctx, job, { last: attempt, result }));
      if (written) this.#end(job, { kind: "done", result });
      else this.abandon(job);
    } catch (error) {
      this.#unwritten(job, error);
    }
  }

  /** Like `finish`, for a running lease: its slot is freed at once. */
  async finishLease(job: LiveJob, lease: LiveLease, reason: FinishReason, text?: string): Promise<void> {
    const { worker, record } = lease;
    this.release(job, lease);
    record.answered(this.#parts.ctx.monotonic());
    for (const machine of lease.machines) this.#parts.ctx.registry.hours.finished(machine);
    this.#parts.ctx.events.leaseEnded(job.facts, lease, "done");
    if (job.facts.request.constraint) record.keptForm(job.facts.model.id);
    // A worker that reported this answer as empty was wrong.
    if (job.text !== "")
      for (const [liar, at] of job.endSaidAt)
        if (at === 0) liar.faulted("an empty answer", this.#parts.ctx.monotonic());
    this.#parts.dispatch();
    await this.finish(job, finishedAttempt(lease), reason, text);
    // The worker may forget this lease.
    worker?.sender.send({ type: "stored", job: lease.job, fence: lease.fence, seq: lease.nextSeq });
  }

  /** Fails or cancels the job. */
  async fail(job: LiveJob, code: ErrorCode, message: string): Promise<void> {
    if (job.ending) return;
    job.ending = true;
    const { ctx, store } = this.#parts;
    if (job.phase.kind === "leased" && !job.phase.lease.over) {
      const { lease } = job.phase;
      this.release(job, lease);
      lease.cancel();
      ctx.events.leaseEnded(job.facts, lease, code);
    }
    const state = code === "cancelled" ? "cancelled" : "failed";
    await this.#requeues.get(job.facts.id);
    try {
      await store.insist(() => failJob(ctx, job, { state, code, message }));
      this.#end(job, { kind: "failed", code, message });
    } catch (error) {
      this.#unwritten(job, error);
    }
  }

  /** The database was unavailable beyond the retry limit. The row stays live, and the next start resumes it. */
  #unwritten(job: LiveJob, err: unknown): void {
    this.#parts.ctx.log.error({ err, job: job.facts.id }, "a job's end could not be written");
    this.#end(job, {
      kind: "failed",
      code: "interrupted",
      message: "The answer could not be stored; ask for it again.",
    });
  }

  /** The row was ended or leased by another server that took over the database; readers here must ask again. */
  abandon(job: LiveJob): void {
    if (job.phase.kind === "leased") {
      this.release(job, job.phase.lease);
      this.#parts.ctx.events.leaseEnded(job.facts, job.phase.lease, "abandoned");
    }
    this.#parts.ctx.log.warn({ job: job.facts.id }, "a job's row moved on without this server");
    this.#end(job, {
      kind: "failed",
      code: "interrupted",
      message: "The answer is being written elsewhere; ask for it again.",
    });
  }

  /** Frees the worker's slot. What it still sends for this lease changes nothing. */
  release(job: LiveJob, lease: LiveLease, { keepsPrompt = lease.granted } = {}): void {
    lease.over = true;
    const { registry } = this.#parts.ctx;
    const written = lease.measure();
    const hour = registry.hours.of(lease.workerId);
    hour.tokens += lease.tokens;
    hour.measuredTokens += written.tokens;
    hour.measuredMs += written.ms;
    const { cacheKey } = job.facts.request;
    const tokens = job.facts.promptTokens + job.completionTokens;
    lease.worker?.release(lease.job, this.#parts.ctx.monotonic(), keepsPrompt ? { cacheKey, tokens } : undefined);
  }

  #end(job: LiveJob, end: JobEnd): void {
    if (job.phase.kind === "ended") return;
    this.#parts.jobs.remove(job);
    this.#parts.ctx.follower.forget(job.facts.id);
    job.end(end);
    const { attempts, completionTokens: tokens, facts } = job;
    const code = end.kind === "done" ? "done" : end.code;
    this.#parts.ctx.events.jobEnded(facts, code, { attempts, promptTokens: facts.promptTokens, tokens });
    this.#parts.dispatch();
  }
}

function finishedAttempt(lease: LiveLease): FinishedAttempt {
  const { fence, workerId, workerName, tokens } = lease;
  return { fence, workerId, workerName, tokens, timed: lease.timed() };
}

function exhausted(job: LiveJob): string {
  return `No worker brought this answer to its end in ${job.attempts} attempts; try again in a moment.`;
}

function resultOf(
  job: LiveJob,
  attempt: FinishedAttempt,
  finishReason: FinishReason,
  text: string,
  now: number,
): JobResult {
  const { submittedAt, promptTokens } = job.facts;
  return {
    text,
    finishReason,
    usage: { promptTokens, completionTokens: job.completionTokens, estimated: job.estimated },
    worker: attempt.workerName,
    attempts: job.attempts,
    firstTokenMs: job.firstTokenMs,
    elapsedMs: now - submittedAt,
  };
}
