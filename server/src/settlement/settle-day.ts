/** Settlement as a part of the day's chore. */
import type { ChainContext } from "../chain/context.ts";
import { ownAddressOfHot } from "../chain/watched-accounts.ts";
import { isHalted } from "../payouts/withdraw-limits.ts";
import { settle } from "./settle.ts";

type Parts = Pick<ChainContext, "clock" | "ledger" | "log" | "pg" | "ton">;

/**
 * Nothing moves without a hot wallet, nor while the books are not known to be right: false, and it is asked for again.
 * @throws when the endpoint or the database does not answer
 */
export async function settleDay(ctx: Parts, signal: AbortSignal): Promise<boolean> {
  const { chain } = ctx.ton;
  if (chain === null || ownAddressOfHot(chain) === null || isHalted(ctx)) return false;
  for (const { part, amount } of await settle(ctx, chain, signal))
    ctx.log.info({ part, amount: String(amount) }, "the day's settlement asks the hot wallet to move coins");
  ctx.ton.poke();
  return true;
}
