/** The scheduler's one decision: which waiting jobs go to which workers now. */
import { drawsFrom } from "./draws.ts";
import { eligibleWorkers } from "./eligibility.ts";
import { fairOrder } from "./fair-queue.ts";
import type { Turns } from "./fair-queue.ts";
import { durationMs } from "./predict.ts";
import { chooseWorker } from "./route.ts";
import { servedModel } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

export interface Snapshot {
  readonly now: number;
  readonly waiting: readonly WaitingJob[];
  readonly workers: readonly WorkerView[];
  /** When each owner was last given a lease. */
  readonly servedAt: ReadonlyMap<string, number>;
}

export interface Assignment {
  readonly job: string;
  readonly worker: string;
  /** When the lease is expected to end. */
  readonly endsAt: number;
}

/** Leases to give now. The same snapshot and seed always give the same assignments. */
export function decide(snapshot: Snapshot, seed: number): Assignment[] {
  const draw = drawsFrom(seed);
  const workers = new Map(snapshot.workers.map((worker) => [worker.id, worker]));
  const assignments: Assignment[] = [];
  const ready = snapshot.waiting.filter((job) => job.notBefore <= snapshot.now);
  for (const job of fairOrder(ready, turnsOf(snapshot))) {
    const chosen = chooseWorker(job, eligibleWorkers(job, [...workers.values()]), draw);
    if (!chosen) continue;
    const endsAt = snapshot.now + durationMs(job, chosen, servedModel(chosen, job)!);
    assignments.push({ job: job.id, worker: chosen.id, endsAt });
    workers.set(chosen.id, withLease(chosen, job, endsAt));
  }
  return assignments;
}

/** The worker as it is once it has this job too. */
export function withLease(worker: WorkerView, job: WaitingJob, endsAt: number): WorkerView {
  return { ...worker, running: [...worker.running, { job: job.id, model: job.model, owner: job.owner, endsAt }] };
}

export function turnsOf({ workers, servedAt }: Snapshot): Turns {
  return { running: runningByOwner(workers), servedAt };
}

function runningByOwner(workers: readonly WorkerView[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { owner } of workers.flatMap((worker) => worker.running)) {
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}
