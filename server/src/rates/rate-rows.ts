/** The stored rates: one row for each, in the order in which they were made. */
import { and, desc, eq, gte, inArray, lt, ne, or, sql } from "drizzle-orm";
import { rates } from "../db/schema.ts";
import type { Executor } from "../db/executor.ts";
import { RATES_KEPT_MS } from "../prices/rate.ts";
import type { NewRate, Rate } from "../prices/rate.ts";

/** One a minute: enough for everything a jump is looked for in, also when a server is restarted all the time. */
const RECENT_MAX = 100;

/** Rates are made and confirmed one after another: what a new one is compared with cannot change meanwhile. */
export async function lockRates(tx: Executor): Promise<void> {
  await tx.execute(sql`lock table ${rates} in share row exclusive mode`);
}

export async function latestRate(executor: Executor): Promise<Rate | null> {
  return (await latestRates(executor, 1))[0] ?? null;
}

/** Newest first. */
export async function latestRates(executor: Executor, count: number): Promise<Rate[]> {
  const rows = await executor.select().from(rates).orderBy(desc(rates.id)).limit(count);
  return rows.map(rateOf);
}

export async function rateWithId(executor: Executor, id: string): Promise<Rate | null> {
  const [row] = await executor
    .select()
    .from(rates)
    .where(eq(rates.id, Number(id)));
  return row === undefined ? null : rateOf(row);
}

/** What a new rate is compared with, oldest first: those of the last minutes, and the latest one however old it is. */
export async function recentRates(executor: Executor, now: number): Promise<Rate[]> {
  const rows = await executor
    .select()
    .from(rates)
    .where(or(gte(rates.at, new Date(now - RATES_KEPT_MS)), inArray(rates.id, latestId(executor))))
    .orderBy(desc(rates.id))
    .limit(RECENT_MAX);
  return rows.map(rateOf).toReversed();
}

export async function insertRate(executor: Executor, rate: NewRate): Promise<Rate> {
  const { microUsdPerCoin, sources, stopped } = rate;
  const [row] = await executor
    .insert(rates)
    .values({ microUsdPerCoin, sources, stopped, at: new Date(rate.at) })
    .returning();
  return rateOf(row!);
}

/** Writes what an operator's look changed. */
export async function updateRate(executor: Executor, { id, stopped, confirmedAt }: Rate): Promise<void> {
  await executor
    .update(rates)
    .set({ stopped, confirmedAt: confirmedAt === null ? null : new Date(confirmedAt) })
    .where(eq(rates.id, Number(id)));
}

/** Deletes rates made before this; never the latest, which the next one is compared with. */
export async function pruneRates(executor: Executor, before: Date): Promise<void> {
  await executor.delete(rates).where(and(lt(rates.at, before), ne(rates.id, sql`(select max(id) from ${rates})`)));
}

function latestId(executor: Executor) {
  return executor.select({ id: rates.id }).from(rates).orderBy(desc(rates.id)).limit(1);
}

function rateOf(row: typeof rates.$inferSelect): Rate {
  return { ...row, id: String(row.id), at: row.at.getTime(), confirmedAt: row.confirmedAt?.getTime() ?? null };
}
