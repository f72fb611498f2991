/** How long things take: the estimates that routing, waiting times and stall limits share. All in ms. */
import { servedModel } from "./snapshot.ts";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

/** Most answers end well before their bound; an agent's step takes about this many tokens. */
const EXPECTED_ANSWER_TOKENS = 150;
/** A second stream on the same machine slows the first by about a third (measured on CPU: 48 → 2 × 30 t/s). */
const SLOWDOWN_PER_STREAM = 0.35;
/** Nobody knows how a new machine will do: it starts as if it had finished 8 of 10. */
const PRIOR_DONE = 8;
const PRIOR_TRIED = 10;

/** Time to read the part of the prompt that the worker does not remember. */
export function prefillMs(job: WaitingJob, worker: WorkerView, model: ModelView): number {
  const warm = Math.min(worker.warm.get(job.cacheKey) ?? 0, job.promptTokens);
  return ((job.promptTokens - warm) / model.prefillTokensPerS) * 1_000;
}

/** Time from lease to last token as expected. */
export function durationMs(job: WaitingJob, worker: WorkerView, model: ModelView): number {
  const decodeMs = (Math.min(job.maxTokens, EXPECTED_ANSWER_TOKENS) / model.decodeTokensPerS) * 1_000;
  const slowdown = 1 + SLOWDOWN_PER_STREAM * worker.running.length;
  return (prefillMs(job, worker, model) + decodeMs) * slowdown;
}

/** Share of leases this worker brings to their end, smoothed; between 0 and 1. */
export function reliability(worker: Pick<WorkerView, "completed" | "failed">): number {
  return (worker.completed + PRIOR_DONE) / (worker.completed + worker.failed + PRIOR_TRIED);
}

/** Expected time until the answer is whole, attempts that fail included: an unreliable machine is a slower one. */
export function finishMs(job: WaitingJob, worker: WorkerView): number {
  const model = servedModel(worker, job);
  return model ? durationMs(job, worker, model) / reliability(worker) : Infinity;
}
