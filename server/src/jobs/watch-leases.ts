/** Looks at everything that can pass without anybody saying so: silence, deadlines, workers that do not come back. */
import { CLOSE, HEARTBEATS_MISSED_MAX, HEARTBEAT_MS } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import type { WorkerSession } from "../pool/worker-session.ts";
import { isHalfOpen, stalledStreams } from "../scheduler/health.ts";
import type { JobEnds } from "./job-ends.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import type { LiveLease } from "./live-lease.ts";

export interface WatchParts {
  readonly ctx: AppContext;
  readonly jobs: LiveJobs;
  readonly ends: JobEnds;
}

/** @param stoodStill this process itself did nothing for a while, so nobody's silence means anything */
export function watchLeases(parts: WatchParts, now: number, stoodStill: boolean): void {
  if (stoodStill) forgiveSilence(parts, now);
  dropHalfOpen(parts, now);
  moveStalled(parts, now);
  for (const { job, lease } of parts.jobs.leases()) {
    if (lease.returnBy !== null && lease.returnBy <= now)
      parts.ends.lose(job, lease, { end: "connection_closed", fault: true });
  }
  for (const job of parts.jobs.all()) {
    if (job.facts.deadlineAt <= now && !job.ending)
      void parts.ends.fail(job, "deadline", lateMessage(job.completionTokens));
  }
}

function forgiveSilence({ ctx, jobs }: WatchParts, now: number): void {
  for (const session of ctx.registry.sessions()) session.lastHeardAt = now;
  for (const { lease } of jobs.leases()) lease.forgiveSilence(now);
}

function dropHalfOpen({ ctx }: WatchParts, now: number): void {
  const beats = { heartbeatMs: HEARTBEAT_MS, missedMax: HEARTBEATS_MISSED_MAX };
  for (const session of ctx.registry.sessions()) {
    // A held line is not read, so its silence is ours.
    if (session.held) session.lastHeardAt = now;
    if (session.leaving || !isHalfOpen({ now, lastHeardAt: session.lastHeardAt, ...beats })) continue;
    session.leaving = true;
    session.line.close(CLOSE.silent, "no heartbeat came in time");
  }
}

function moveStalled({ jobs, ends }: WatchParts, now: number): void {
  const bySession = new Map<WorkerSession, { job: LiveJob; lease: LiveLease }[]>();
  for (const live of jobs.leases()) {
    const { session, granted } = live.lease;
    if (session && granted) bySession.set(session, [...(bySession.get(session) ?? []), live]);
  }
  for (const [session, live] of bySession) {
    for (const { lease } of live) if (session.held || lease.committing) lease.forgiveSilence(now);
    const stalled = new Set(
      stalledStreams(
        now,
        live.map(({ lease }) => lease.stream()),
      ),
    );
    for (const { job, lease } of live) {
      if (stalled.has(lease.job)) ends.lose(job, lease, { end: "stalled", fault: true });
    }
  }
}

function lateMessage(tokens: number): string {
  return tokens === 0
    ? "No worker took this in time; try again when more are online."
    : "The answer was not finished in time; ask for a shorter one.";
}
