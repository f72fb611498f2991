/** An operator looked at a rate that had been stopped, or is too old, and lets paid answers use it. */
import type { Executor } from "../db/executor.ts";
import { confirmed, currentRate, jumps } from "../prices/rate.ts";
import type { Rate } from "../prices/rate.ts";
import { latestRate, lockRates, rateWithId, updateRate } from "./rate-rows.ts";

export type Confirmation =
  /** `rate` is the latest one, which from now on may be used. */
  | { readonly kind: "confirmed"; readonly rate: Rate }
  /** The latest one may be used without it. */
  | { readonly kind: "usable"; readonly rate: Rate }
  | { readonly kind: "unknown" }
  /** It moved again since: another price would be confirmed than the one looked at. */
  | { readonly kind: "moved"; readonly rate: Rate };

/**
 * Confirms the latest rate. A new one is made every minute while somebody looks, so that an earlier one may be named as
 * long as the price is about the same. Call it inside a transaction.
 */
export async function confirmRate(tx: Executor, { id, now }: { id: string; now: number }): Promise<Confirmation> {
  await lockRates(tx);
  const [named, latest] = [await rateWithId(tx, id), await latestRate(tx)];
  if (named === null || latest === null) return { kind: "unknown" };
  if (currentRate([latest], now).usable) return { kind: "usable", rate: latest };
  if (jumps(named.microUsdPerCoin, latest.microUsdPerCoin)) return { kind: "moved", rate: latest };
  const rate = confirmed(latest, now);
  await updateRate(tx, rate);
  return { kind: "confirmed", rate };
}
