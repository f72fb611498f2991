/** Chooses the ask an answer is quoted at: its price is locked with it, and dearer workers can never take the answer. */
import { isCapable, isPaused, modelFor } from "./eligibility.ts";
import { costOf } from "./predict.ts";
import { freeSlots } from "./snapshot.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/** What the answer's jobs will need. */
export type QuotedNeeds = Pick<
  WaitingJob,
  "model" | "sha256" | "constrained" | "promptTokens" | "maxTokens" | "isPaid" | "person"
>;

/**
 * The ask, in percent, of the machine that could start at once and costs least, as routing compares them; for unpaid work
 * the smallest. A faster machine may so be worth its price, and cheaper ones may still take the answer. While all are
 * busy, the smallest ask that half of the slots accept, so that the answer waits for more than the cheapest machine. Null when no worker may do it: paid work
 * takes a stake, and nobody's machines work unpaid for their owner.
 *
 * Strangers and paused workers count only where there is nobody else: a stranger's low ask would else be the price of
 * answers that it is not given.
 */
export function askFor(needs: QuotedNeeds, { workers, now }: { workers: readonly WorkerView[]; now: number }) {
  const offers = workers.flatMap((worker) => offerOf(worker, needs));
  const awake = filterIfAny(offers, ({ worker }) => !isPaused(worker, now));
  const asked = filterIfAny(awake, ({ worker }) => worker.proven);
  const free = asked.filter((offer) => offer.freeSlots > 0);
  if (free.length === 0) return halfOf(asked);
  return free.reduce((best, one) => (isBetter(one, best) ? one : best)).ask;
}

interface Offer {
  readonly worker: WorkerView;
  readonly ask: number;
  readonly slots: number;
  readonly freeSlots: number;
  /** Of a job that nobody remembers the prompt of. */
  readonly cost: number;
}

function offerOf(worker: WorkerView, needs: QuotedNeeds): Offer[] {
  const asked = { ...needs, askPercentMax: Infinity };
  const model = modelFor(worker, asked);
  if (!model || !isCapable(worker, asked)) return [];
  const slots = Math.min(model.slots, worker.leasesMax);
  const cost = needs.isPaid ? costOf({ ...needs, cacheKey: "" }, worker, model, worker.running.length) : 0;
  return [{ worker, ask: worker.askPercent, slots, freeSlots: freeSlots(worker, model), cost }];
}

function isBetter(one: Offer, other: Offer): boolean {
  return one.cost < other.cost || (one.cost === other.cost && one.ask < other.ask);
}

/** The smallest ask that at least half of the slots accept. */
function halfOf(offers: readonly Offer[]): number | null {
  let left = offers.reduce((sum, { slots }) => sum + slots, 0) / 2;
  for (const { ask, slots } of offers.toSorted((one, other) => one.ask - other.ask)) {
    left -= slots;
    if (left <= 0) return ask;
  }
  return null;
}

function filterIfAny(offers: Offer[], keep: (offer: Offer) => boolean): Offer[] {
  const kept = offers.filter(keep);
  return kept.length > 0 ? kept : offers;
}
