/** Chooses a worker: which group to try first, and which of its members finishes soonest. */
import type { Candidates, Part } from "./candidates.ts";
import type { FreeWorkers } from "./free-workers.ts";
import type { Load } from "./load.ts";
import { costOf } from "./predict.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/**
 * How often a stranger is asked although a proven worker is free. It costs at most one job in sixteen an attempt,
 * and an honest newcomer of a busy pool earns its record within minutes.
 */
export const TRIAL_SHARE = 1 / 16;
/** Maximum leases of one model that strangers hold together while a proven worker is online: however many strangers, four jobs are delayed. */
export const TRIALS_AT_ONCE = 4;

export interface Choice {
  readonly workers: readonly WorkerView[];
  readonly load: Load;
  readonly free: FreeWorkers;
  readonly draw: () => number;
}

/**
 * The worker, by its place in the snapshot, that costs least (see `costOf`) out of two drawn at random and all that are
 * warm with the job's prefix. Ties go to the longest idle, so that new workers are not starved. `null` when none is free.
 * @see Mitzenmacher, The Power of Two Choices (1996): two draws spread load almost as well as asking everyone, and
 * several deciders with old knowledge do not all run to the same machine.
 */
export function chooseWorker(job: WaitingJob, candidates: Candidates, choice: Choice): number | null {
  const asked = askedFirst(job, candidates, choice);
  let best: { at: number; worker: WorkerView; cost: number } | null = null;
  for (const at of choice.free.candidates(asked, job.cacheKey, choice.draw)) {
    const worker = choice.workers[at]!;
    const one = { at, worker, cost: costOf(job, worker, asked.kind.models[at]!, choice.load.all(at)) };
    if (best === null || isBetter(one, best)) best = one;
  }
  return best?.at ?? null;
}

/**
 * Prefers proven workers to strangers. A stranger gets a first attempt when no proven worker is free, and occasionally
 * as a trial; never a job that was lost before, and never more than a few at once.
 */
function askedFirst(job: WaitingJob, { proven, strangers }: Candidates, { load, free, draw }: Choice): Part {
  if (proven.size === 0) return strangers;
  const isFirstAttempt = !job.moved && job.failedOn.size === 0;
  if (!isFirstAttempt || load.trials(job.model) >= TRIALS_AT_ONCE || !free.hasAny(strangers)) return proven;
  return free.hasAny(proven) && draw() >= TRIAL_SHARE ? proven : strangers;
}

function isBetter(one: { worker: WorkerView; cost: number }, other: { worker: WorkerView; cost: number }): boolean {
  if (one.cost !== other.cost) return one.cost < other.cost;
  if (one.worker.idleSince !== other.worker.idleSince) return one.worker.idleSince < other.worker.idleSince;
  return one.worker.id < other.worker.id;
}
