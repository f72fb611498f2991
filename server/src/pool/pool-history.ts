/** Reading the pool's last day. Anybody may ask, so the database is asked twice a minute at most. */
import { asc, gt } from "drizzle-orm";
import type { PoolDay } from "@starai/protocol/pool-history";
import type { PoolNow } from "@starai/protocol/pool-status";
import type { Base } from "../base.ts";
import { poolMinutes } from "../db/schema.ts";
import type { PoolContext } from "./context.ts";
import { loadOf } from "./record-minutes.ts";

export const MINUTES_KEPT = 24 * 60;
const FRESH_MS = 30_000;

type HistoryParts = Pick<Base, "db" | "clock">;

export class PoolHistory {
  readonly #ctx: HistoryParts;
  #read: { at: number; day: Promise<PoolDay> } | null = null;

  constructor(ctx: HistoryParts) {
    this.#ctx = ctx;
  }

  day(): Promise<PoolDay> {
    const now = this.#ctx.clock();
    if (this.#read === null || now - this.#read.at > FRESH_MS) {
      const day = readDay(this.#ctx, now);
      this.#read = { at: now, day };
      // A fault is not kept: the next one asks again.
      day.catch(() => (this.#read = null));
    }
    return this.#read.day;
  }
}

/** The status, with what the day so far adds to it. */
export async function poolNow(ctx: Pick<PoolContext, "registry">, history: PoolHistory): Promise<PoolNow> {
  const status = ctx.registry.status();
  const { answers } = await history.day();
  return { ...status, load: loadOf(status), answersToday: answers.reduce<number>((sum, of) => sum + (of ?? 0), 0) };
}

async function readDay(ctx: Pick<Base, "db">, now: number): Promise<PoolDay> {
  const newest = Math.floor(now / 60_000);
  const first = newest - MINUTES_KEPT + 1;
  const rows = await ctx.db
    .select()
    .from(poolMinutes)
    .where(gt(poolMinutes.minute, new Date((first - 1) * 60_000)))
    .orderBy(asc(poolMinutes.minute))
    .limit(MINUTES_KEPT);
  const nothing = () => Array.from({ length: MINUTES_KEPT }, (): number | null => null);
  const day: PoolDay = {
    from: first * 60,
    workers: nothing(),
    tokensPerS: nothing(),
    answers: nothing(),
    queued: nothing(),
    load: nothing(),
  };
  for (const row of rows) {
    const at = row.minute.getTime() / 60_000 - first;
    if (at >= MINUTES_KEPT) continue;
    day.workers[at] = row.workers;
    day.tokensPerS[at] = Math.round(row.tokens / 6) / 10;
    day.answers[at] = row.answers;
    day.queued[at] = row.queued;
    day.load[at] = Math.round(row.load * 100) / 100;
  }
  return day;
}
