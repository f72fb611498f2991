/** What an escrow is now, and what its owner has in it. Pure. */
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import type { EscrowView } from "@starai/protocol/escrow";

/** `closed`: everything went back to its owner; topped up, the same escrow goes on. */
export type CustodyState = "unopened" | "open" | "closing" | "ripe" | "closed";

/** Session keys that a contract has room for. */
export const KEYS_MAX = 4;

export function custodyState({ chain, nowS }: Pick<EscrowView, "chain" | "nowS">): CustodyState {
  if (chain === null || chain.keys.length === 0) return "unopened";
  const { ripeAt, available, round } = chain;
  if (ripeAt !== null && nowS < ripeAt) return "closing";
  // A close that nobody took in time is over, and the escrow goes on.
  if (ripeAt !== null && nowS < ripeAt + EscrowTerms.WITHDRAW_WINDOW) return "ripe";
  return round > 0 && available === "0" ? "closed" : "open";
}

/** Until when a ripe close can be taken, UNIX seconds. */
export const ripeUntil = (ripeAt: number): number => ripeAt + EscrowTerms.WITHDRAW_WINDOW;

/** Nano units: what answers took and the escrow has yet to pay, and what is its owner's beside that. */
export function sharesOf({ chain, served }: Pick<EscrowView, "chain" | "served">): { owed: bigint; own: bigint } {
  if (chain === null) return { owed: 0n, own: 0n };
  const [available, unpaid] = [BigInt(chain.available), BigInt(served) - BigInt(chain.settled)];
  const owed = unpaid <= 0n ? 0n : unpaid < available ? unpaid : available;
  return { owed, own: available - owed };
}
