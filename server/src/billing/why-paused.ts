/** Whether new paid answers may begin. */
import type { PausedWhy } from "@starai/protocol/money";
import type { PaidIn } from "../prices/locked-price.ts";
import type { MoneyContext } from "./context.ts";

type Parts = Pick<MoneyContext, "settings" | "rates"> & { readonly ledger: { readonly halted: boolean } };

/**
 * Why no new answer that is paid in this begins; null: it may. Coins need a rate whatever the list is in, because limits
 * are in dollars; Stars need one where the list is in coins.
 */
export async function whyPaused(
  { ledger, settings, rates }: Parts,
  { paidIn }: { paidIn: PaidIn },
): Promise<PausedWhy | null> {
  if (ledger.halted) return "books";
  const { halted, prices } = await settings.now();
  if (halted) return "operator";
  const needsRate = paidIn === "coin" || prices.unit === "nano";
  return needsRate && !(await rates.current()).usable ? "rate" : null;
}
