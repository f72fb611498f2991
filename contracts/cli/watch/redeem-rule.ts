/** When a voucher is worth redeeming. */
import { EscrowTerms as Terms } from "../../wrappers/escrow-codes.ts";
import type { EscrowState } from "../../wrappers/Escrow.ts";
import type { SignedVoucher } from "../../offchain/voucher-file.ts";

/** Redeemed from this sum on, nano units: a redemption costs a fiftieth of it. */
const WORTH = 50_000_000n;
/** While a close is under way everything is redeemed that pays for its redemption, nano units. */
const LAST_WORTH = 1_000_000n;

export interface EscrowView {
  /** Raw address. */
  address: string;
  state: EscrowState;
  /** The balance above the storage reserve, nano units. */
  spendable: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

/** Vouchers for this escrow and round, the largest first: the first with a valid signature replaces all others. */
export function vouchersFor(vouchers: readonly SignedVoucher[], { address, state }: EscrowView): SignedVoucher[] {
  return vouchers
    .filter(
      ({ escrow, networkId, round }) => escrow === address && networkId === state.networkId && round === state.round,
    )
    .sort((one, other) => (one.cumulative < other.cumulative ? 1 : -1));
}

/** Whether redeeming up to `cumulative` brings enough now. */
export function isWorth(cumulative: bigint, { state, spendable, nowS }: EscrowView): boolean {
  const closing = state.ripeAt !== null && nowS < state.ripeAt + Terms.WITHDRAW_WINDOW;
  const brings = least(cumulative - state.settled, spendable, state.capLeft);
  return brings >= (closing ? LAST_WORTH : WORTH);
}

const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((min, one) => (one < min ? one : min));
