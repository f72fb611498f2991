/**
 * Time estimates shared by routing, forecasts and stall limits. All in ms, finite and above zero whatever speed a worker
 * claims.
 */
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

/** Most answers end well before their bound; an agent's step takes about this many tokens. */
const EXPECTED_ANSWER_TOKENS = 150;
/** A second stream on the same machine slows the first by about a third (measured on CPU: 48 → 2 × 30 t/s). */
const SLOWDOWN_PER_STREAM = 0.35;
/** Prior for a new machine: as if it had finished 8 of 10 leases. */
const PRIOR_DONE = 8;
const PRIOR_TRIED = 10;
/** Slower than any machine that can hold a model, and faster than any that exists: claims beyond count as these. */
const RATE_MIN = 0.1;
const RATE_MAX = 1_000_000;
/** A lease crosses the network twice before its first token, however fast the machine. */
const ROUND_TRIP_MS = 100;
/** Cost of an attempt without an answer: about the silence after which a job is taken from its worker. */
const LOST_ATTEMPT_MS = 5_000;

/** What a time depends on. */
type Size = Pick<WaitingJob, "promptTokens" | "maxTokens" | "cacheKey">;

/** Prompt tokens that are not in the worker's cache. */
export function coldTokens(job: Size, worker: Pick<WorkerView, "warm">): number {
  return job.promptTokens - Math.min(worker.warm.get(job.cacheKey) ?? 0, job.promptTokens);
}

/** Factor by which this many other streams slow one stream on the same machine, at least 1. */
export function slowdown(streamsBeside: number): number {
  return 1 + SLOWDOWN_PER_STREAM * streamsBeside;
}

/** Time to read the part of the prompt that is not in the worker's cache. */
export function prefillMs(job: Size, worker: Pick<WorkerView, "warm">, model: ModelView): number {
  return timeFor(coldTokens(job, worker), model.prefillTokensPerS);
}

/** Expected time from lease to last token, beside this many other streams on the same machine. */
export function durationMs(job: Size, worker: WorkerView, model: ModelView, streamsBeside: number): number {
  const decodeMs = timeFor(Math.min(job.maxTokens, EXPECTED_ANSWER_TOKENS), model.decodeTokensPerS);
  return ROUND_TRIP_MS + (prefillMs(job, worker, model) + decodeMs) * slowdown(streamsBeside);
}

/** Smoothed share of leases this worker finishes, between 0 and 1. */
export function reliability(worker: Pick<WorkerView, "completed" | "failed">): number {
  return (worker.completed + PRIOR_DONE) / (worker.completed + worker.failed + PRIOR_TRIED);
}

/**
 * Expected time until the answer is complete: the successful attempt and the lost ones before it. A lost attempt has a
 * cost, so that a machine that only fails looks slow, whatever speed it claims.
 */
export function finishMs(job: Size, worker: WorkerView, model: ModelView, streamsBeside: number): number {
  const attempts = 1 / reliability(worker);
  return durationMs(job, worker, model, streamsBeside) + (attempts - 1) * LOST_ATTEMPT_MS;
}

/**
 * What is compared between the workers that may take a job: when it is finished, and for paid work also the price and
 * how surely it is finished. So a cheaper machine wins over an equal one, and a dear one must be faster for it.
 */
export function costOf(
  job: Size & Pick<WaitingJob, "isPaid">,
  worker: WorkerView,
  model: ModelView,
  streamsBeside: number,
): number {
  const finish = finishMs(job, worker, model, streamsBeside);
  return job.isPaid ? (finish * worker.askPercent) / reliability(worker) : finish;
}

function timeFor(tokens: number, tokensPerS: number): number {
  return (tokens / plausibleRate(tokensPerS)) * 1_000;
}

function plausibleRate(tokensPerS: number): number {
  return Number.isNaN(tokensPerS) ? RATE_MIN : Math.min(Math.max(tokensPerS, RATE_MIN), RATE_MAX);
}
