/** A job that hangs at a stranger is decided again: when a proven worker is free, nobody has to wait out the silence. */
import { isCapable, isPaused } from "./eligibility.ts";
import type { JobNeeds } from "./eligibility.ts";
import { isLate } from "./health.ts";
import type { StreamView } from "./health.ts";
import { freeSlots, servedModel } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

export interface SecondChance {
  /** The job as it would wait without its worker, which is then among those it failed on. */
  readonly job: JobNeeds & Pick<WaitingJob, "failedOn">;
  /** Whether the worker that has it is proven; those are given the time they need. */
  readonly proven: boolean;
  readonly workers: readonly WorkerView[];
}

/** Whether the job should be taken from its silent worker now, because a better one could begin at once. */
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
