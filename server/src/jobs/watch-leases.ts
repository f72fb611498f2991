/** Looks at everything that can pass without anybody saying so: silence, deadlines, workers that do not come back. */
import { CLOSE, HEARTBEATS_MISSED_MAX, HEARTBEAT_MS } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import type { WorkerSession } from "../pool/worker-session.ts";
import { isHalfOpen, stalledStreams } from "../scheduler/health.ts";
import type { JobEnds } from "./job-ends.ts";
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
  for (const session of ctx.registry.sessions()) {
    const { lastHeardAt } = session;
    if (
      session.leaving ||
      !isHalfOpen({ now, lastHeardAt, heartbeatMs: HEARTBEAT_MS, missedMax: HEARTBEATS_MISSED_MAX })
    )
      continue;
    session.leaving = true;
    session.line.close(CLOSE.silent, "no heartbeat came in time");
  }
}

function moveStalled({ jobs, ends }: WatchParts, now: number): void {
  const live = jobs.leases().filter(({ lease }) => lease.granted && lease.session !== null);
  for (const session of new Set(live.map(({ lease }) => lease.session))) {
    for (const id of stalledStreams(now, streamsOf(session, live))) {
      const stalled = live.find(({ lease }) => lease.job === id);
      if (stalled) ends.lose(stalled.job, stalled.lease, { end: "stalled", fault: true });
    }
  }
}

function streamsOf(session: WorkerSession | null, live: readonly { lease: LiveLease }[]) {
  return live
    .filter(({ lease }) => lease.session === session && lease.inbox.length === 0)
    .map(({ lease }) => lease.stream());
}

function lateMessage(tokens: number): string {
  return tokens === 0
    ? "No worker took this in time; try again when more are online."
    : "The answer was not finished in time; ask for a shorter one.";
}
