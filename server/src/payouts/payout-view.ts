import type { PayoutView } from "@starai/protocol/wallet";
import type { PayoutRow } from "./open-payouts.ts";

export function payoutView(row: PayoutRow, expectedAt: Date | null): PayoutView {
  const { id, amount, fee, wallet, state, requestedAt, readyAt, endedAt, transaction } = row;
  return {
    id,
    amount: String(amount),
    fee: String(fee),
    wallet,
    state,
    requestedAt: requestedAt.toISOString(),
    readyAt: readyAt.toISOString(),
    expectedAt: expectedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    transaction,
  };
}
