/** What a waiting person is told: the place in the queue and about how long. */
import { turnsOf } from "./decide.ts";
import type { Snapshot } from "./decide.ts";
import { worthTrying } from "./eligibility.ts";
import { fairOrder } from "./fair-queue.ts";
import { durationMs } from "./predict.ts";
import { servedModel } from "./snapshot.ts";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

export interface Forecast {
  /** 1 is next. Jobs of models that share no worker do not count each other. */
  readonly position: number;
  /** Ms until a worker takes it; null while no worker could. */
  readonly etaMs: number | null;
}

/** Position and waiting time of every waiting job, by playing the queue forward as if every estimate came true. */
export function forecast(snapshot: Snapshot): Map<string, Forecast> {
  const slots = new Map<string, number[]>();
  const ahead = new Map<string, number>();
  const told = new Map<string, Forecast>();
  for (const job of fairOrder(snapshot.waiting, turnsOf(snapshot))) {
    const position = (ahead.get(job.model) ?? 0) + 1;
    ahead.set(job.model, position);
    told.set(job.id, { position, etaMs: play(job, snapshot, slots) });
  }
  return told;
}

/** Gives the job the slot that is free first and says when that is, from now. */
function play(job: WaitingJob, snapshot: Snapshot, slots: Map<string, number[]>): number | null {
  let best: { times: number[]; index: number; at: number; worker: WorkerView; model: ModelView } | null = null;
  for (const worker of worthTrying(job, snapshot.workers)) {
    const model = servedModel(worker, job)!;
    const times = slotTimes(worker, model, snapshot.now, slots);
    const at = Math.min(...times);
    if (best === null || at < best.at) best = { times, index: times.indexOf(at), at, worker, model };
  }
  if (!best) return null;
  best.times[best.index] = best.at + durationMs(job, best.worker, best.model);
  return Math.max(0, Math.round(Math.max(best.at, job.notBefore) - snapshot.now));
}

function busySlots(worker: WorkerView, model: ModelView, now: number): number[] {
  return worker.running.filter((lease) => lease.model === model.id).map((lease) => Math.max(now, lease.endsAt));
}

/** When each slot of a model on a worker is free. */
function slotTimes(worker: WorkerView, model: ModelView, now: number, known: Map<string, number[]>): number[] {
  const key = `${worker.id} ${model.id}`;
  const times = known.get(key) ?? busySlots(worker, model, now);
  while (times.length < model.slots) times.push(now);
  known.set(key, times);
  return times;
}
