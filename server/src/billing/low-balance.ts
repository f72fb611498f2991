/**
 * Says that what somebody has pays for no usual answer any more, once on a UTC day at most. Call it after a paid answer's
 * bill was closed, in its transaction: whoever paid nothing is told nothing.
 */
import { eq, sql } from "drizzle-orm";
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import type { Executor } from "../db/executor.ts";
import { bills } from "../db/schema.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { typicalAnswer } from "../prices/quote.ts";
import { billOf, dayOf, personOwner } from "./bill.ts";

interface Ended {
  readonly bill: string;
  readonly nowMs: number;
  /** Null: coins pay for nothing now. */
  readonly microUsdPerCoin: bigint | null;
}

/** Nano units. What is held for other answers counts: most of it comes back. */
interface Purses {
  readonly stars: bigint;
  readonly coin: bigint;
  /** An escrow of their own pays when these do not. */
  readonly hasEscrow: boolean;
}

/** Returns whether it is so: wake the bot once that has committed. */
export async function tellLowBalance(tx: Executor, { bill: id, nowMs, microUsdPerCoin }: Ended): Promise<boolean> {
  const [row] = await tx.select().from(bills).where(eq(bills.id, id));
  const bill = row && billOf(row);
  if (bill === undefined || bill.person === null || row!.amount <= 0n || bill.escrow !== null) return false;
  const { paidWith, person } = bill;
  if (paidWith !== "stars" && paidWith !== "coin") return false;
  const purses = await pursesOf(tx, person);
  const worth = { stars: MICRO_USD_PER_STAR, coin: microUsdPerCoin ?? 0n };
  const usual = typicalAnswer(bill.prices) * worth[paidWith];
  // Each by itself: one of them pays for a whole answer.
  const isLow = purses.stars * worth.stars < usual && purses.coin * worth.coin < usual;
  if (!isLow || purses.hasEscrow) return false;
  const left = purses[paidWith] > 0n ? purses[paidWith] : 0n;
  const params = { kind: "low_balance", paidWith, left: String(left) } as const;
  await storeNotice(tx, { event: `low balance ${person} ${dayOf(nowMs)}`, person, params });
  return true;
}

async function pursesOf(tx: Executor, person: string): Promise<Purses> {
  const { rows } = await tx.execute<{ stars: string; coin: string; escrow: boolean }>(sql`
    select coalesce(sum(balance) filter (where asset = 'stars'), 0)::text as stars,
      coalesce(sum(balance) filter (where asset = 'coin'), 0)::text as coin,
      exists (select 1 from escrows e join wallets w on w.address = e.owner
        where w.person = ${person} and w.state = 'bound' and e.available > 0) as escrow
    from ledger_accounts
    where owner = ${personOwner(person)} and (kind = 'person' or kind = 'debt' and balance < 0)`);
  const { stars, coin, escrow } = rows[0]!;
  return { stars: BigInt(stars), coin: BigInt(coin), hasEscrow: escrow };
}
