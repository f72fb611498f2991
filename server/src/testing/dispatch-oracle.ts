/**
 * The reference implementation of decide() and forecast(): the same laws, each read off plainly, by asking every
 * worker for every job. Slow and obviously right; tests and the benchmark hold the real ones against it.
 */
import type { Assignment, Snapshot } from "../scheduler/decide.ts";
import { drawsFrom } from "../scheduler/draws.ts";
import { isCapable, isPaused } from "../scheduler/eligibility.ts";
import type { Forecast } from "../scheduler/forecast.ts";
import { REDRAWS_MAX } from "../scheduler/free-workers.ts";
import { costOf, durationMs } from "../scheduler/predict.ts";
import { TRIALS_AT_ONCE, TRIAL_SHARE } from "../scheduler/route.ts";
import { freeSlots, leasesInTheWay, servedModel } from "../scheduler/snapshot.ts";
import type { ModelView, WaitingJob, WorkerView } from "../scheduler/snapshot.ts";

export function oracleDecide(snapshot: Snapshot, seed: number): Assignment[] {
  const draw = drawsFrom(seed);
  const workers = new Map(snapshot.workers.map((worker) => [worker.id, worker]));
  const assignments: Assignment[] = [];
  const ready = snapshot.waiting.filter((job) => job.notBefore <= snapshot.now);
  for (const job of oracleOrder(ready, snapshot)) {
    const chosen = chooseWorker(job, offered(job, [...workers.values()], snapshot.now, draw), draw);
    if (!chosen) continue;
    const endsAt = snapshot.now + durationMs(job, chosen, servedModel(chosen, job)!, chosen.running.length);
    assignments.push({ job: job.id, worker: chosen.id, endsAt });
    const lease = { job: job.id, model: job.model, owner: job.owner, endsAt };
    workers.set(chosen.id, { ...chosen, running: [...chosen.running, lease] });
  }
  return assignments;
}

/** Moved jobs by age; then of the paid jobs, and at last of the free ones, always the next of the owner with the fewest turns. */
export function oracleOrder(waiting: readonly WaitingJob[], { workers, servedAt }: Snapshot): WaitingJob[] {
  const turns = new Map<string, number>();
  const took = ({ owner }: { owner: string }) => turns.set(owner, (turns.get(owner) ?? 0) + 1);
  workers.flatMap((worker) => worker.running).forEach(took);
  const order = waiting.filter((job) => job.moved).sort(byAge);
  order.forEach(took);
  const left = waiting.filter((job) => !job.moved).sort(byAge);
  const rank = (job: WaitingJob) => [turns.get(job.owner) ?? 0, servedAt.get(job.owner) ?? -Infinity] as const;
  while (left.length > 0) {
    const isPaidLeft = left.some((job) => !job.isFree);
    const next = left
      .filter((job) => job.isFree !== isPaidLeft)
      .reduce((best, job) => {
        const [[turnsNow, servedNow], [turnsBest, servedBest]] = [rank(job), rank(best)];
        return turnsNow < turnsBest || (turnsNow === turnsBest && servedNow < servedBest) ? job : best;
      });
    left.splice(left.indexOf(next), 1);
    took(next);
    order.push(next);
  }
  return order;
}

function byAge(one: WaitingJob, other: WaitingJob): number {
  return one.since - other.since || (one.id < other.id ? -1 : 1);
}

/** Capable workers; each filter only where it leaves somebody. */
function worthTrying(job: WaitingJob, workers: readonly WorkerView[], now: number): WorkerView[] {
  const capable = workers.filter((worker) => isCapable(worker, job));
  const fresh = filterIfAny(capable, (worker) => !job.failedOn.has(worker.id));
  const asked = filterIfAny(fresh, (worker) => !isPaused(worker, now));
  return job.failedOn.size === 0 ? asked : filterIfAny(asked, (worker) => worker.proven);
}

function filterIfAny(workers: WorkerView[], keep: (worker: WorkerView) => boolean): WorkerView[] {
  const kept = workers.filter(keep);
  return kept.length > 0 ? kept : workers;
}

/** Free workers the job may go to, proven ones or strangers by the rule of trials; the widest context first. */
function offered(job: WaitingJob, workers: readonly WorkerView[], now: number, draw: () => number): WorkerView[] {
  const tried = worthTrying(job, workers, now);
  const room = (worker: WorkerView) => servedModel(worker, job)!.contextTokens;
  const free = tried
    .filter((worker) => freeSlots(worker, servedModel(worker, job)!) > 0)
    .sort((one, other) => room(other) - room(one));
  if (!tried.some((worker) => worker.proven)) return free;
  const [proven, strangers] = [free.filter((worker) => worker.proven), free.filter((worker) => !worker.proven)];
  const trials = workers
    .filter((worker) => !worker.proven)
    .flatMap((worker) => worker.running)
    .filter((lease) => lease.model === job.model).length;
  if (job.moved || job.failedOn.size > 0 || trials >= TRIALS_AT_ONCE || strangers.length === 0) return proven;
  return proven.length > 0 && draw() >= TRIAL_SHARE ? proven : strangers;
}

/** The best of two drawn by weight, of two people if eight draws more find another's, and all that are warm. */
function chooseWorker(job: WaitingJob, free: readonly WorkerView[], draw: () => number): WorkerView | undefined {
  const candidates = free.filter((worker) => worker.warm.has(job.cacheKey));
  const rest = free.filter((worker) => !worker.warm.has(job.cacheKey));
  let first: WorkerView | null = null;
  for (let picks = 0; picks < 2 && rest.length > 0; picks++) {
    const parts = rest.flatMap((worker, at) =>
      Array<number>(Math.round((job.isPaid ? worker.weight : worker.freeWeight) * 100)).fill(at),
    );
    const pick = () => parts[Math.floor(draw() * parts.length)]!;
    let at = pick();
    const isOfFirst = () => first?.people.some((person) => rest[at]!.people.includes(person)) ?? false;
    for (let again = 0; again < REDRAWS_MAX && isOfFirst(); again++) at = pick();
    first ??= rest[at]!;
    candidates.push(...rest.splice(at, 1));
  }
  const cost = (worker: WorkerView) => costOf(job, worker, servedModel(worker, job)!, worker.running.length);
  return candidates.sort(
    (one, other) => cost(one) - cost(other) || one.idleSince - other.idleSince || (one.id < other.id ? -1 : 1),
  )[0];
}

export function oracleForecast(snapshot: Snapshot): Map<string, Forecast> {
  const slots = new Map<ModelView, number[]>();
  const told = new Map<string, Forecast>();
  const order = oracleOrder(snapshot.waiting, snapshot);
  order.forEach((job, index) => {
    const position = 1 + order.slice(0, index).filter((other) => other.model === job.model).length;
    told.set(job.id, { position, etaMs: play(job, snapshot, slots) });
  });
  return told;
}

/** Gives the job the slot that is free first, of equals where the context is widest, and says when that is. */
function play(job: WaitingJob, snapshot: Snapshot, slots: Map<ModelView, number[]>): number | null {
  let best: { times: number[]; at: number; worker: WorkerView; model: ModelView } | null = null;
  const tried = worthTrying(job, snapshot.workers, snapshot.now);
  for (const worker of filterIfAny(tried, ({ proven }) => proven)) {
    const model = servedModel(worker, job)!;
    const times = slots.get(model) ?? slotTimes(worker, model, snapshot);
    slots.set(model, times);
    const at = Math.min(...times);
    const isWider = best !== null && model.contextTokens > best.model.contextTokens;
    if (best === null || at < best.at || (at === best.at && isWider)) best = { times, at, worker, model };
  }
  if (!best) return null;
  const { times, at, worker, model } = best;
  times[times.indexOf(at)] = at + durationMs(job, worker, model, worker.running.length);
  return Math.max(0, Math.round(Math.max(at, job.notBefore) - snapshot.now));
}

/** When each slot is free. More free ones than jobs wait make no difference. */
function slotTimes(worker: WorkerView, model: ModelView, { now, waiting }: Snapshot): number[] {
  const free = freeSlots(worker, model);
  const busy = leasesInTheWay(worker, model).map(({ endsAt }) => Math.max(now, endsAt));
  if (free < 0) return busy.sort((one, other) => one - other).slice(-free);
  return [...busy, ...Array<number>(Math.min(free, waiting.length)).fill(now)];
}
