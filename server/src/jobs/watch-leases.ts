/** Checks what no event reports: silence, slowness, deadlines, workers that do not reconnect. */
import { CLOSE, HEARTBEATS_MISSED_MAX, HEARTBEAT_MS } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import type { ConnectedWorker } from "../pool/connected-worker.ts";
import { nobodyMessage } from "../pool/nobody-message.ts";
import { isHalfOpen, stalledStreams } from "../scheduler/health.ts";
import type { JobEnds } from "./job-ends.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import type { LiveLease } from "./live-lease.ts";
import { slowLeases } from "./slow-leases.ts";

export interface WatchParts {
  readonly ctx: PoolContext;
  readonly jobs: LiveJobs;
  readonly ends: JobEnds;
}

/** @param standstillMs  how long this process was suspended, during which silence does not count; usually 0 */
export function watchLeases(parts: WatchParts, now: number, standstillMs: number): void {
  const { ctx, jobs, ends } = parts;
  if (standstillMs > 0) forgive(parts, now, standstillMs);
  dropHalfOpen(parts, now);
  moveStalled(parts, now);
  for (const { job, lease, end } of slowLeases(ctx, jobs.leases(), now)) {
    // Loading a model or another job's prompt makes an honest stranger late, so it may happen twice.
    ends.lose(job, lease, { end, blame: end === "overtaken" ? "refusal" : "fault" });
  }
  for (const { job, lease } of jobs.leases()) {
    if (lease.returnBy !== null && lease.returnBy <= now)
      ends.lose(job, lease, { end: "connection_closed", blame: "fault" });
  }
  for (const job of jobs.all()) {
    if (job.ending) continue;
    if (job.facts.deadlineAt <= now) void ends.fail(job, "deadline", lateMessage(ctx, job));
    else if (isForsaken(ctx, job, now)) void ends.fail(job, "no_worker", forsakenMessage(ctx, job));
  }
}

function forgive({ ctx, jobs }: WatchParts, now: number, standstillMs: number): void {
  for (const worker of ctx.registry.connectedWorkers()) worker.lastHeardAt = now;
  for (const { lease } of jobs.leases()) lease.forgivePace(standstillMs, now);
}

function dropHalfOpen({ ctx }: WatchParts, now: number): void {
  const beats = { heartbeatMs: HEARTBEAT_MS, missedMax: HEARTBEATS_MISSED_MAX };
  for (const worker of ctx.registry.connectedWorkers()) {
    // A paused socket is not read, so its silence does not count.
    if (worker.held) worker.lastHeardAt = now;
    if (worker.leaving || !isHalfOpen({ now, lastHeardAt: worker.lastHeardAt, ...beats })) continue;
    worker.leaving = true;
    worker.sender.close(CLOSE.silent, "no heartbeat came in time");
  }
}

function moveStalled({ jobs, ends }: WatchParts, now: number): void {
  const byWorker = new Map<ConnectedWorker, { job: LiveJob; lease: LiveLease }[]>();
  for (const live of jobs.leases()) {
    const { worker, granted } = live.lease;
    if (worker && granted) byWorker.set(worker, [...(byWorker.get(worker) ?? []), live]);
  }
  for (const [worker, live] of byWorker) {
    for (const { lease } of live) if (worker.held || lease.committing) lease.forgiveSilence(now);
    const stalled = new Set(
      stalledStreams(
        now,
        live.map(({ lease }) => lease.stream()),
      ),
    );
    for (const { job, lease } of live) {
      if (stalled.has(lease.job)) ends.lose(job, lease, { end: "stalled", blame: "fault" });
    }
  }
}

/** Whether a waiting job's model has been without a worker for the whole announced waiting time. */
function isForsaken({ registry, config }: PoolContext, { phase, facts }: LiveJob, now: number): boolean {
  const { machineWaitMs } = config.limits;
  if (phase.kind !== "waiting" || now - facts.submittedAt < machineWaitMs) return false;
  const { id } = facts.model;
  return !registry.servedWithin(id, machineWaitMs) || registry.whyNobody(id, facts, machineWaitMs) !== null;
}

function forsakenMessage(ctx: PoolContext, { facts }: LiveJob): string {
  const nobody = nobodyMessage(ctx, facts.model.id, { job: facts, withinMs: 0 });
  return nobody ?? `No worker serves ${facts.model.id} any more; try again when one is online.`;
}

/** A price is never raised: a job whose workers have all left, or ask more now, waits for its deadline. */
function lateMessage({ registry }: PoolContext, job: LiveJob): string {
  const { model, askPercentMax } = job.facts;
  const nobody = nobodyMessage({ registry }, model.id, { job: job.facts, withinMs: 0 });
  if (nobody !== null) return nobody;
  if (registry.serves(model.id) && !registry.servesAt(model.id, askPercentMax))
    return "No worker is left at the price that was agreed, and nothing was charged; ask again for a new price.";
  return job.text === ""
    ? "No worker took this in time; try again when more are online."
    : "The answer was not finished in time; ask for a shorter one.";
}
