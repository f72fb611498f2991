/** The house's day: what leaves in one, to all, is bounded. What is more waits in its order for the next one. */
import { and, eq, gte, isNull, or, sum } from "drizzle-orm";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { Executor } from "../../db/executor.ts";
import { payouts } from "../../db/schema.ts";
import { midnightBefore } from "../../ledger/since-midnight.ts";

const DAY_MS = 86_400_000;

/**
 * Nano units that may still be signed in the UTC day of `now`, which is ms by the chain's clock, as what was paid has its
 * time from there. What is signed counts as gone.
 */
export async function leftOfHouseDay(db: Pick<Executor, "select">, now: number): Promise<bigint> {
  const isOnItsWay = and(eq(payouts.state, "sent"), isNull(payouts.endedAt));
  const isPaidToday = and(eq(payouts.state, "paid"), gte(payouts.endedAt, midnightBefore(now)));
  const [gone] = await db
    .select({ total: sum(payouts.amount) })
    .from(payouts)
    .where(or(isOnItsWay, isPaidToday));
  const left = CHAIN_TERMS.houseDayMax - BigInt(gone?.total ?? 0);
  return left > 0n ? left : 0n;
}

/** The midnight before which a payout cannot leave that has `upTo` before it, itself included; null: it can today. Pure. */
export function houseDayOf({ upTo, left, nowMs }: { upTo: bigint; left: bigint; nowMs: number }): Date | null {
  if (upTo <= left) return null;
  const days = (upTo - left + CHAIN_TERMS.houseDayMax - 1n) / CHAIN_TERMS.houseDayMax;
  return new Date(midnightBefore(nowMs).getTime() + Number(days) * DAY_MS);
}
