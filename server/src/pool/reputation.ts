/**
 * What a worker did, good and bad, each counting half as much a week later: a machine that was repaired is not judged by
 * what it was, and one that was good long ago not by that. It decides who is asked first, never what is paid or taken.
 */
import { sql } from "drizzle-orm";
import { workers } from "../db/schema.ts";

export interface Score {
  readonly good: number;
  readonly bad: number;
}

const HALF_LIFE_MS = 7 * 24 * 3_600_000;

export class Reputation {
  #score: Score;
  #at: number;

  constructor(score: Score, now: number) {
    this.#score = score;
    this.#at = now;
  }

  /** Whether it did more good than harm; that does not change with time alone. */
  get isGood(): boolean {
    return this.#score.good > this.#score.bad;
  }

  at(now: number): Score {
    const left = leftAfter(now - this.#at);
    return { good: this.#score.good * left, bad: this.#score.bad * left };
  }

  add(what: keyof Score, now: number): void {
    const score = this.at(now);
    this.#score = { ...score, [what]: score[what] + 1 };
    this.#at = now;
  }
}

function leftAfter(ms: number): number {
  return 0.5 ** (Math.max(0, ms) / HALF_LIFE_MS);
}

/** The stored score as it counts now. Rows of older versions have only counts, as of when they were last seen. */
export const storedScore = {
  good: sql<number>`${countsNow(sql`coalesce(${workers.good}, ${workers.completed})`)}`,
  bad: sql<number>`${countsNow(sql`coalesce(${workers.bad}, ${workers.failed})`)}`,
};

function countsNow(count: ReturnType<typeof sql>) {
  const ageS = sql`greatest(0, extract(epoch from now() - coalesce(${workers.weighedAt}, ${workers.lastSeenAt})))`;
  return sql`${count} * power(0.5, ${ageS} / ${sql.raw(String(HALF_LIFE_MS / 1_000))})`;
}

/** The part of an update of `workers` that adds to its score; the amounts are SQL, of numbers. */
export function scoreUpdate({ good, bad }: { good: string; bad: string }): string {
  const left = `power(0.5, greatest(0, extract(epoch from now() - coalesce(weighed_at, last_seen_at))) / ${HALF_LIFE_MS / 1_000})`;
  return `good = coalesce(good, completed) * ${left} + ${good}, bad = coalesce(bad, failed) * ${left} + ${bad}, weighed_at = now()`;
}
