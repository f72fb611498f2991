/** Which workers may take a job at all. */
import { freeSlots, servedModel } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/** Whether the worker could do the job if it had nothing else to do. */
export function isCapable(worker: WorkerView, job: WaitingJob): boolean {
  const model = servedModel(worker, job);
  return (
    worker.healthy &&
    model !== undefined &&
    (!job.constrained || model.constrains) &&
    job.promptTokens + job.maxTokens <= model.contextTokens
  );
}

/**
 * Workers this job may be given now. One that already failed it is passed over as long as another could ever do
 * it, even if that one is busy: waiting is better than losing the same answer twice.
 */
export function eligibleWorkers(job: WaitingJob, workers: readonly WorkerView[]): WorkerView[] {
  return worthTrying(job, workers).filter((worker) => freeSlots(worker, servedModel(worker, job)!) > 0);
}

/** Capable workers, without those that failed the job unless there are no others. */
export function worthTrying(job: WaitingJob, workers: readonly WorkerView[]): WorkerView[] {
  const capable = workers.filter((worker) => isCapable(worker, job));
  const fresh = capable.filter((worker) => !job.failedOn.has(worker.id));
  return fresh.length > 0 ? fresh : capable;
}
