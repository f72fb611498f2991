/**
 * Whose the connected machines are, and which of them get paid work: those with a stake behind them. Where the server has
 * no chain nobody can stake, and everybody is paid.
 *
 * A key younger than a day is on probation: all such keys of one person together get a bounded number of paid jobs, so
 * that a thousand new identities of one machine get no more than one. Beyond it they come after all others, like strangers,
 * so that a pool of new machines alone does not stand still.
 */
import { sql } from "drizzle-orm";
import { NOBODYS, workerOwners } from "../billing/worker-owners.ts";
import type { WorkerOwner } from "../billing/worker-owners.ts";
import type { Base } from "../base.ts";
import { freeWeightOf, lastWeightOf, weightOf } from "./stake-weight.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** Paid jobs for all keys of a person that are younger than a day: what a small machine does in some hours. */
export const PROBATION_JOBS_MAX = 200;

/** What a machine may be given. */
export interface MarketStanding {
  /** Whose it is, and the machines that work with it. */
  readonly people: readonly string[];
  /** 0: no paid work. */
  readonly weight: number;
  /** For unpaid work. */
  readonly freeWeight: number;
  /** Why it gets none, or comes last. */
  readonly unpaid: "unstaked" | "day_cap" | null;
}

/** Paid jobs given to a key, while it is younger than a day by the monotonic clock. */
interface Trial {
  given: number;
  readonly freshUntil: number;
}

export class OwnerBook {
  readonly #hasChain: () => boolean;
  /** Of connected machines; the others are forgotten at each look. */
  #owners = new Map<string, WorkerOwner>();
  /** By person, then by key: of people whose machines are connected, or were given paid jobs within their first day. */
  readonly #trials = new Map<string, Map<string, Trial>>();
  /** Something changed: a machine was paired, or a stake was seen. Set by the watch. */
  changed: () => void = () => {};

  constructor(hasChain: () => boolean) {
    this.#hasChain = hasChain;
  }

  ownerOf(worker: string): WorkerOwner {
    return this.#owners.get(worker) ?? NOBODYS;
  }

  standingOf(worker: string, record: Pick<WorkerRecord, "freshUntil">, now: number): MarketStanding {
    const { person, ...backing } = this.ownerOf(worker);
    const people = person === null ? [] : [person];
    if (!this.#hasChain()) return { people, weight: 1, freeWeight: 1, unpaid: null };
    const [weight, freeWeight] = [weightOf(backing), freeWeightOf(backing)];
    if (weight === 0) return { people, weight, freeWeight, unpaid: "unstaked" };
    if (record.freshUntil > now && this.#given(person, now) >= PROBATION_JOBS_MAX)
      return { people, weight: lastWeightOf(backing), freeWeight, unpaid: "day_cap" };
    return { people, weight, freeWeight, unpaid: null };
  }

  /** A paid job was given to it. */
  gavePaid(worker: string, { freshUntil }: Pick<WorkerRecord, "freshUntil">, now: number): void {
    const { person } = this.ownerOf(worker);
    if (person === null || freshUntil <= now) return;
    const trials = this.#trialsOf(person);
    const trial = trials.get(worker) ?? { given: 0, freshUntil };
    trial.given++;
    trials.set(worker, trial);
  }

  /** Reads whose these machines are; of all that are connected, or of one that joins. */
  async read(ctx: Pick<Base, "db" | "clock" | "monotonic">, workers: readonly string[]): Promise<void> {
    const owners = await workerOwners(ctx.db, workers);
    const unknown = [...new Set([...owners.values()].map(({ person }) => person))].filter(
      (person) => person !== null && !this.#trials.has(person),
    );
    await this.#readTrials(ctx, unknown as string[]);
    for (const worker of workers) this.#owners.set(worker, owners.get(worker) ?? NOBODYS);
  }

  /** Forgets machines that are not connected any more; what a person's young keys were given counts until they are old. */
  keep(connected: ReadonlySet<string>, now: number): void {
    for (const worker of this.#owners.keys()) if (!connected.has(worker)) this.#owners.delete(worker);
    const people = new Set([...this.#owners.values()].map(({ person }) => person));
    for (const [person, trials] of this.#trials)
      if (!people.has(person) && [...trials.values()].every(({ freshUntil }) => freshUntil <= now))
        this.#trials.delete(person);
  }

  #given(person: string | null, now: number): number {
    let given = 0;
    for (const trial of person === null ? [] : this.#trialsOf(person).values())
      if (trial.freshUntil > now) given += trial.given;
    return given;
  }

  #trialsOf(person: string): Map<string, Trial> {
    const known = this.#trials.get(person);
    if (known) return known;
    const none = new Map<string, Trial>();
    this.#trials.set(person, none);
    return none;
  }

  /** What an earlier server gave to the young keys of these people. */
  async #readTrials({ db, clock, monotonic }: Pick<Base, "db" | "clock" | "monotonic">, people: readonly string[]) {
    if (people.length === 0) return;
    const { rows } = await db.execute<{ person: string; worker: string; since: Date; given: string }>(
      // A young key has no older attempts, nor has a group that it is in: only those of a day are looked at.
      sql`with of_groups as materialized (
            select job_id, jsonb_array_elements(members)->>'worker' as worker from attempts
            where members is not null and started_at > now() - interval '1 day'
          )
          select b.person, b.worker, w.first_seen_at as since, count(*)::text as given
          from worker_bindings b
            join workers w on w.id = b.worker and w.first_seen_at > now() - interval '1 day'
            join lateral (
              select job_id from attempts where worker_id = w.id and members is null
              union all select job_id from of_groups where worker = w.id
            ) a on true
            join jobs j on j.id = a.job_id and (j.request->>'isPaid')::bool
          where b.person = any(${sql.param([...people])}::uuid[])
          group by 1, 2, 3`,
    );
    for (const person of people) this.#trialsOf(person);
    for (const { person, worker, since, given } of rows) {
      const freshUntil = monotonic() + DAY_MS - (clock() - new Date(since).getTime());
      this.#trialsOf(person).set(worker, { given: Number(given), freshUntil });
    }
  }
}

const DAY_MS = 24 * 3_600_000;
