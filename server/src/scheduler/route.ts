/** Chooses among workers that may take a job. */
import { finishMs } from "./predict.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/**
 * The worker that finishes soonest out of two drawn at random and all that are warm with the job's prefix.
 * Ties go to the longest idle, so that new workers are not starved. `null` when nobody is offered.
 * @see Mitzenmacher, The Power of Two Choices (1996): two draws spread load almost as well as asking everyone, and
 * several deciders with old knowledge do not all run to the same machine.
 */
export function chooseWorker(job: WaitingJob, offered: readonly WorkerView[], draw: () => number): WorkerView | null {
  const candidates = new Set(offered.filter((worker) => worker.warm.has(job.cacheKey)));
  const rest = offered.filter((worker) => !candidates.has(worker));
  for (let picks = 0; picks < 2 && rest.length > 0; picks++) {
    const [picked] = rest.splice(Math.floor(draw() * rest.length), 1);
    candidates.add(picked!);
  }
  let best: WorkerView | null = null;
  for (const worker of candidates) if (best === null || isBetter(job, worker, best)) best = worker;
  return best;
}

function isBetter(job: WaitingJob, one: WorkerView, other: WorkerView): boolean {
  const difference = finishMs(job, one) - finishMs(job, other);
  if (difference !== 0) return difference < 0;
  if (one.idleSince !== other.idleSince) return one.idleSince < other.idleSince;
  return one.id < other.id;
}
