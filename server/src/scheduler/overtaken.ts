/** Moves a job from a silent stranger to a free proven worker without waiting for the stall limit. */
import { isCapable, isPaused } from "./eligibility.ts";
import type { JobNeeds } from "./eligibility.ts";
import { isLate } from "./health.ts";
import type { StreamView } from "./health.ts";
import { freeSlots, servedModel } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

export interface SecondChance {
  /** The job as it would be queued after a failure on its worker. */
  readonly job: JobNeeds & Pick<WaitingJob, "failedOn">;
  /** Whether its worker is proven; proven workers get their full time. */
  readonly proven: boolean;
  readonly workers: readonly WorkerView[];
}

/** Whether to take the job from its silent worker now, because a better one could start at once. */
export function isOvertaken(now: number, stream: StreamView, { job, proven, workers }: SecondChance): boolean {
  return !proven && isLate(now, stream) && workers.some((worker) => isBetter(worker, job, now));
}

function isBetter(worker: WorkerView, job: SecondChance["job"], now: number): boolean {
  return (
    worker.proven &&
    !isPaused(worker, now) &&
    !job.failedOn.has(worker.id) &&
    isCapable(worker, job) &&
    freeSlots(worker, servedModel(worker, job)!) > 0
  );
}
