/**
 * Why jobs were not given to a worker. Asking that of every worker at every job would cost more than deciding; so jobs are
 * counted by kind as they are given, and every ten seconds each worker is asked once what kept it from those of its models.
 */
import type { WhyNot } from "@starai/protocol/contributor";
import { isPaused } from "../scheduler/eligibility.ts";
import type { ConnectedWorker } from "./connected-worker.ts";
import type { MarketStanding } from "./owner-book.ts";

/** Jobs given since the last count, that are alike to whoever was not given them. */
interface GivenJobs {
  readonly model: string;
  readonly isPaid: boolean;
  readonly askPercentMax: number;
  count: number;
  /** By worker. */
  readonly to: Map<string, number>;
}

/** Kinds told apart between two counts: models times asks. Jobs of further kinds are counted for nobody. */
const KINDS_MAX = 64;

export class SkippedJobs {
  readonly #given = new Map<string, GivenJobs>();

  gave(worker: string, { model, isPaid, askPercentMax }: Pick<GivenJobs, "model" | "isPaid" | "askPercentMax">): void {
    const key = `${model} ${isPaid} ${askPercentMax}`;
    const known = this.#given.get(key) ?? { model, isPaid, askPercentMax, count: 0, to: new Map<string, number>() };
    if (!this.#given.has(key)) {
      if (this.#given.size >= KINDS_MAX) return;
      this.#given.set(key, known);
    }
    known.count++;
    known.to.set(worker, (known.to.get(worker) ?? 0) + 1);
  }

  /** What kept these workers from jobs since the last count; `count` is how many it kept from one. */
  count(
    workers: readonly ConnectedWorker[],
    { standingOf, now }: { standingOf: (worker: ConnectedWorker) => MarketStanding; now: number },
    skipped: (worker: ConnectedWorker, why: WhyNot, count: number) => void,
  ): void {
    const given = [...this.#given.values()];
    this.#given.clear();
    for (const worker of workers) {
      const { models } = worker.facts;
      const ofItsModels = given.filter(({ model }) => models.some(({ id }) => id === model));
      // A look without a job counts as one, so that an hour of them can be told from an hour of none.
      if (ofItsModels.length === 0 && worker.leases === 0 && worker.holdsLayersOf === null)
        skipped(worker, "no_demand", 1);
      const standing = ofItsModels.length > 0 ? standingOf(worker) : null;
      for (const jobs of standing === null ? [] : ofItsModels) {
        const count = jobs.count - (jobs.to.get(worker.id) ?? 0);
        const why = whyNot(worker, jobs, { standing: standing!, now });
        if (why !== null && count > 0) skipped(worker, why, count);
      }
    }
  }
}

/** Null: it is busy, which is nobody's fault. */
function whyNot(
  { drained, record, facts, leases }: ConnectedWorker,
  { isPaid, askPercentMax, model }: GivenJobs,
  { standing, now }: { standing: MarketStanding; now: number },
): WhyNot | null {
  if (isPaused(record, now)) return "paused";
  if (drained) return "drained";
  if (isPaid && standing.unpaid !== null) return standing.unpaid;
  if (facts.askPercent > askPercentMax) return "price";
  const slots = facts.models.find(({ id }) => id === model)?.slots ?? 0;
  if (leases >= Math.min(slots, record.leasesMax)) return null;
  return record.proven ? "slow" : "stranger";
}
