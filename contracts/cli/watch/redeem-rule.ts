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

/** The voucher to redeem now: of those for this escrow and round the largest, if it brings enough. */
export function voucherToRedeem(vouchers: readonly SignedVoucher[], view: EscrowView): SignedVoucher | null {
  const { address, state, spendable, nowS } = view;
  const own = vouchers.filter(
    ({ escrow, networkId, round }) =>
      escrow === address && networkId === state.networkId && round === state.round && state.keys.length > 0,
  );
  const best = own.reduce<SignedVoucher | null>(
    (most, voucher) => (most === null || voucher.cumulative > most.cumulative ? voucher : most),
    null,
  );
  if (!best) return null;
  const closing = state.ripeAt !== null && nowS < state.ripeAt + Terms.WITHDRAW_WINDOW;
  const brings = least(best.cumulative - state.settled, spendable, state.capLeft);
  return brings >= (closing ? LAST_WORTH : WORTH) ? best : null;
}

const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((min, one) => (one < min ? one : min));
