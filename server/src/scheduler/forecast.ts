/** Forecasts the place in the queue and the approximate waiting time. */
import { CandidateFinder } from "./candidates.ts";
import { turnsOf } from "./decide.ts";
import type { Snapshot } from "./decide.ts";
import { fairOrder } from "./fair-queue.ts";
import { PlayedSlots } from "./played-slots.ts";
import type { WaitingJob } from "./snapshot.ts";

export interface Forecast {
  /**
   * 1 is next. Jobs whose models share no worker do not count towards each other. Whoever waits for a free answer is told
   * their place behind all paid jobs that wait, so it may grow while they come.
   */
  readonly position: number;
  /** Ms until a worker takes it; null while no worker could. */
  readonly etaMs: number | null;
}

/**
 * Position and waiting time of every waiting job, by playing the queue forward as if every estimate came true.
 * If a proven worker could do a job, strangers do not count: they get few jobs, and their claimed speed is unreliable.
 */
export function forecast(snapshot: Snapshot): Map<string, Forecast> {
  const finder = new CandidateFinder(snapshot);
  const slots = new PlayedSlots(finder, snapshot);
  const ahead = new Map<string, number>();
  const told = new Map<string, Forecast>();
  for (const job of fairOrder(snapshot.waiting, turnsOf(snapshot))) {
    const position = (ahead.get(job.model) ?? 0) + 1;
    ahead.set(job.model, position);
    told.set(job.id, { position, etaMs: etaMs(job) });
  }
  return told;

  function etaMs(job: WaitingJob): number | null {
    const { proven, strangers } = finder.worthTrying(job);
    const at = slots.play(job, proven.size > 0 ? proven : strangers);
    return at === null ? null : Math.max(0, Math.round(Math.max(at, job.notBefore) - snapshot.now));
  }
}
