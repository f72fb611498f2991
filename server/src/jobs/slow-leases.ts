/** Finds live leases to move: below the minimum pace, or silent while a better worker is free. */
import type { PoolContext } from "../pool/context.ts";
import { isBelowFloor, isLate } from "../scheduler/health.ts";
import type { PoolPace } from "../scheduler/health.ts";
import { isOvertaken } from "../scheduler/overtaken.ts";
import type { WorkerView } from "../scheduler/snapshot.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";

interface Live {
  readonly job: LiveJob;
  readonly lease: LiveLease;
}

type SlowLease = Live & { readonly end: "too_slow" | "overtaken" };

/** The leases to move, each with the reason for its attempt's row. */
export function slowLeases(ctx: Pick<PoolContext, "registry">, leases: readonly Live[], now: number): SlowLease[] {
  const slow: SlowLease[] = [];
  const paces = new Map<string, PoolPace>();
  // Built once, and only if a lease is late: it costs one step per worker.
  let workers: readonly WorkerView[] | null = null;
  for (const { job, lease } of leases) {
    if (!lease.granted || lease.committing) continue;
    const { model } = lease.running;
    const pace = paces.get(model) ?? ctx.registry.poolPace(model);
    paces.set(model, pace);
    if (isBelowFloor(now, lease.work(), pace)) slow.push({ job, lease, end: "too_slow" });
    else if (lease.worker && !lease.record.proven && isLate(now, lease.stream())) {
      workers ??= ctx.registry.views();
      const chance = { job: job.needsWithout(lease.workerId), proven: false, workers };
      if (isOvertaken(now, lease.stream(), chance)) slow.push({ job, lease, end: "overtaken" });
    }
  }
  return slow;
}
