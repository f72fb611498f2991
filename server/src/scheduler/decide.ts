/** The scheduler's one decision: which waiting jobs go to which workers now. */
import { CandidateFinder } from "./candidates.ts";
import { drawsFrom } from "./draws.ts";
import { fairOrder } from "./fair-queue.ts";
import type { Turns } from "./fair-queue.ts";
import { FreeWorkers } from "./free-workers.ts";
import { Load } from "./load.ts";
import { durationMs } from "./predict.ts";
import { chooseWorker } from "./route.ts";
import { servedModel } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

export interface Snapshot {
  readonly now: number;
  readonly waiting: readonly WaitingJob[];
  readonly workers: readonly WorkerView[];
  /** When each owner last received a lease. */
  readonly servedAt: ReadonlyMap<string, number>;
}

export interface Assignment {
  readonly job: string;
  readonly worker: string;
  /** When the lease is expected to end. */
  readonly endsAt: number;
}

/** Leases to grant now. The same snapshot and seed always give the same assignments. */
export function decide(snapshot: Snapshot, seed: number): Assignment[] {
  const { now, workers } = snapshot;
  const jobs = snapshot.waiting.filter((job) => job.notBefore <= now);
  const finder = new CandidateFinder(snapshot);
  const load = new Load(workers);
  const free = new FreeWorkers({ finder, load, workers, jobs });
  const choice = { workers, load, free, draw: drawsFrom(seed) };
  const assignments: Assignment[] = [];
  for (const job of fairOrder(jobs, turnsOf(snapshot))) {
    const chosen = chooseWorker(job, finder.worthTrying(job), choice);
    if (chosen === null) continue;
    const worker = workers[chosen]!;
    const endsAt = now + durationMs(job, worker, servedModel(worker, job)!, load.all(chosen));
    assignments.push({ job: job.id, worker: worker.id, endsAt });
    free.took(chosen, job.model);
  }
  return assignments;
}

/** Turns of the owners of waiting jobs. */
export function turnsOf({ waiting, workers, servedAt }: Snapshot): Turns {
  return { running: runningByOwner(waiting, workers), servedAt };
}

function runningByOwner(waiting: readonly WaitingJob[], workers: readonly WorkerView[]): Map<string, number> {
  const counts = new Map<string, number>(waiting.map((job) => [job.owner, 0]));
  for (const worker of workers) {
    for (const { owner } of worker.running) {
      const count = counts.get(owner);
      if (count !== undefined) counts.set(owner, count + 1);
    }
  }
  return counts;
}
