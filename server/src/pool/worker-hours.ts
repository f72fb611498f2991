/** What the pool sees of each connected worker, counted until it is stored; and of the running hour, for its owner. */
import type { WhyNot } from "@starai/protocol/contributor";

export interface HourCounts {
  onlineMs: number;
  jobs: number;
  failed: number;
  tokens: number;
  /** Tokens after the first ones of each answer, and the ms they took. */
  measuredTokens: number;
  measuredMs: number;
  readonly skipped: Map<WhyNot, number>;
}

/** Twice as many as can be connected; of further ones the oldest are lost. */
const WORKERS_MAX = 10_000;
const HOUR_MS = 3_600_000;

export class WorkerHours {
  /** Not stored yet. */
  #counts = new Map<string, HourCounts>();
  /** Of the running hour, by worker: jobs, and what kept it from others. */
  #hour = { at: 0, jobs: new Map<string, number>(), skipped: new Map<string, Map<WhyNot, number>>() };

  of(worker: string): HourCounts {
    const known = this.#counts.get(worker);
    if (known) return known;
    const none = { onlineMs: 0, jobs: 0, failed: 0, tokens: 0, measuredTokens: 0, measuredMs: 0 };
    const fresh: HourCounts = { ...none, skipped: new Map() };
    this.#counts.set(worker, fresh);
    if (this.#counts.size > WORKERS_MAX) this.#counts.delete(this.#counts.keys().next().value!);
    return fresh;
  }

  finished(worker: string): void {
    this.of(worker).jobs++;
    this.#hour.jobs.set(worker, (this.#hour.jobs.get(worker) ?? 0) + 1);
  }

  skipped(worker: string, why: WhyNot, count: number): void {
    add(this.of(worker).skipped, why, count);
    const ofHour = this.#hour.skipped.get(worker) ?? new Map<WhyNot, number>();
    add(ofHour, why, count);
    this.#hour.skipped.set(worker, ofHour);
  }

  /** Whether this kept it from more jobs in this hour than it got. */
  oftenSkipped(worker: string, why: WhyNot): boolean {
    return (this.#hour.skipped.get(worker)?.get(why) ?? 0) > (this.#hour.jobs.get(worker) ?? 0);
  }

  /** Takes what is to be stored; `putBack` it where that failed. */
  take(now: number): Map<string, HourCounts> {
    const at = Math.floor(now / HOUR_MS);
    if (at !== this.#hour.at) this.#hour = { at, jobs: new Map(), skipped: new Map() };
    const taken = this.#counts;
    this.#counts = new Map();
    return taken;
  }

  putBack(taken: ReadonlyMap<string, HourCounts>): void {
    for (const [worker, counts] of taken) {
      const now = this.of(worker);
      for (const name of ["onlineMs", "jobs", "failed", "tokens", "measuredTokens", "measuredMs"] as const)
        now[name] += counts[name];
      for (const [why, count] of counts.skipped) add(now.skipped, why, count);
    }
  }
}

function add(counts: Map<WhyNot, number>, why: WhyNot, count: number): void {
  counts.set(why, (counts.get(why) ?? 0) + count);
}
