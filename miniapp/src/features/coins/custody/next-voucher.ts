/** Which voucher this device should sign now. Pure. */
import { allowanceUpTo, ALLOWANCE_MAX } from "@starai/contracts/voucher";
import type { Voucher } from "@starai/contracts/voucher";
import type { EscrowBlocked, EscrowView } from "@starai/protocol/escrow";

/** States in which nothing more is served, so that nothing should be signed for it. */
const UNSIGNED: readonly (EscrowBlocked | null)[] = ["unopened", "closing", "consented", "counting"];

/**
 * The voucher for what was served and the allowance ahead; null where a key of this device is none of the escrow's, where
 * nothing is served, or where as much is signed already.
 * @param key  of this device, hex
 */
export function nextVoucher(view: EscrowView, key: string): Voucher | null {
  const { chain, blocked, served, signed, address, terms } = view;
  if (chain === null || !chain.keys.includes(key) || UNSIGNED.includes(blocked) || chain.available === "0") return null;
  const cumulative = allowanceUpTo({ captured: BigInt(served), ahead: ALLOWANCE_MAX });
  if (cumulative <= BigInt(signed)) return null;
  return { networkId: terms.networkId, escrow: address, round: chain.round, cumulative };
}
