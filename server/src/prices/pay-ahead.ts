/**
 * Pays workers of Stars answers in coins, from the house's float. The Stars themselves reach the house up to 21 days
 * later, and some never, so the house pays ahead only so much; who comes after that waits.
 */
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";

/** What a worker earned in Stars and was not paid for yet; billionths of a Star. */
export interface WaitingEarner {
  /** As the ledger names it; `house` is the share for being there. */
  readonly worker: string;
  readonly stars: bigint;
}

export interface PaidAhead extends WaitingEarner {
  /** Nano coins for these Stars. */
  readonly coins: bigint;
}

/**
 * Pays each in turn, whole as long as there is enough, and the last one as far as it reaches. Coins are rounded down; who
 * has earned less than one nano coin waits.
 * @param earners  who waits the longest first
 */
export function payAhead(
  earners: readonly WaitingEarner[],
  { coins, microUsdPerCoin }: { coins: bigint; microUsdPerCoin: bigint },
): PaidAhead[] {
  let left = coins;
  const paid: PaidAhead[] = [];
  for (const { worker, stars } of earners) {
    const affordable = (left * microUsdPerCoin) / MICRO_USD_PER_STAR;
    const converted = stars < affordable ? stars : affordable;
    const worth = (converted * MICRO_USD_PER_STAR) / microUsdPerCoin;
    if (worth > 0n) paid.push({ worker, stars: converted, coins: worth });
    left -= worth;
    if (converted < stars) break;
  }
  return paid;
}
