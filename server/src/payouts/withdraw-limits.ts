/** Whether and how much can be withdrawn now: the balance, and what a UTC day allows a person. */
import { and, eq, gte, notInArray, sum } from "drizzle-orm";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import type { Funds } from "../account/balances.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { payouts } from "../db/schema.ts";
import { midnightBefore } from "../ledger/since-midnight.ts";

/** No coins are moved while the books are not known to be right. */
export function isHalted({ ton, ledger }: Pick<ChainContext, "ton" | "ledger">): boolean {
  return ton.drifted || ledger.halted;
}

/** Nobody is paid out then either, nor while an operator says so. @throws the database's faults */
export async function arePayoutsHalted(ctx: Pick<ChainContext, "ton" | "ledger" | "settings">): Promise<boolean> {
  return isHalted(ctx) || (await ctx.settings.now()).payoutsHalted;
}

/** What somebody still may ask for today, nano units without fees; what was cancelled or came back does not count. */
export async function leftToday(
  db: Pick<Executor, "select">,
  { person, now }: { person: string; now: number },
): Promise<bigint> {
  const [row] = await db
    .select({ total: sum(payouts.amount) })
    .from(payouts)
    .where(
      and(
        eq(payouts.person, person),
        gte(payouts.requestedAt, midnightBefore(now)),
        notInArray(payouts.state, ["cancelled", "returned"]),
      ),
    );
  const left = CHAIN_TERMS.withdrawDayMax - BigInt(row?.total ?? 0);
  return left > 0n ? left : 0n;
}

/** The most that can be asked for, the fee taken off; 0 when it is less than the least. */
export function mostOf({ spendable }: Pick<Funds, "spendable">, leftOfDay: bigint): bigint {
  const have = spendable - CHAIN_TERMS.withdrawFee;
  const most = have < leftOfDay ? have : leftOfDay;
  return most < CHAIN_TERMS.withdrawMin ? 0n : most;
}
