/** What was paid and owed when a wallet was asked to bring pay there, and whether the books show that it came. Pure. */
import type { ContributorOverview } from "@starai/protocol/contributor";
import { isAmount, restorerOf } from "../asked-act.ts";

export interface ClaimAct {
  /** Raw, of whom it pays. */
  readonly wallet: string;
  /** Paid by claims before, as the chain showed it, nano units. */
  readonly claimed: string;
  /** Owed before, nano units. */
  readonly owed: string;
}

type Shown = Pick<ContributorOverview, "wallet"> & {
  readonly earnings: Pick<ContributorOverview["earnings"], "claimed" | "claimable">;
};

/** Somebody else may have sent the claim: what counts is that it was paid. */
export function isPaid(kept: ClaimAct, { wallet, earnings }: Shown): boolean {
  if (wallet !== kept.wallet) return false;
  return BigInt(earnings.claimed) > BigInt(kept.claimed) || BigInt(earnings.claimable) < BigInt(kept.owed);
}

/** Reads what was stored; null when it is no claim. */
export const restoreClaim = restorerOf<ClaimAct>(({ wallet, claimed, owed }) =>
  typeof wallet === "string" && isAmount(claimed) && isAmount(owed) ? { wallet, claimed, owed } : null,
);
