/** Whether a worker could do a job at all; candidates.ts chooses among those that could. */
import { servedModel } from "./snapshot.ts";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

/** A job's requirements of an engine. */
export type JobKind = Pick<WaitingJob, "model" | "sha256" | "constrained" | "askPercentMax" | "isPaid">;
export type JobNeeds = JobKind & Pick<WaitingJob, "promptTokens" | "maxTokens" | "person">;

/** Whether the worker could do the job if it had nothing else to do. */
export function isCapable(worker: WorkerView, job: JobNeeds): boolean {
  const model = modelFor(worker, job);
  return model !== undefined && contextNeeded(job) <= model.contextTokens && !isOwn(worker, job);
}

/** Unpaid work for its owner would build a machine's record out of nothing; paid work costs the owner the fee. */
export function isOwn({ people }: Pick<WorkerView, "people">, job: Pick<WaitingJob, "isPaid" | "person">): boolean {
  return !job.isPaid && job.person !== null && people.includes(job.person);
}

/** The model with which this worker could do jobs of this kind, if they fit its context. */
export function modelFor(worker: WorkerView, kind: JobKind): ModelView | undefined {
  if (!worker.healthy || worker.leasesMax < 1 || worker.askPercent > kind.askPercentMax) return undefined;
  if (kind.isPaid && worker.weight <= 0) return undefined;
  const model = servedModel(worker, kind);
  const hasRoom = model !== undefined && model.slots >= 1 && model.contextTokens >= 1;
  return hasRoom && (model.constrains || !kind.constrained) ? model : undefined;
}

/** Prompt and answer share one context. */
export function contextNeeded(job: Pick<WaitingJob, "promptTokens" | "maxTokens">): number {
  return job.promptTokens + job.maxTokens;
}

export function isPaused(worker: Pick<WorkerView, "pausedUntil">, now: number): boolean {
  return worker.pausedUntil !== null && worker.pausedUntil > now;
}
