/** Whether a consent to close is what its owner may rely on. */
import { verifyCloseConsent } from "@starai/contracts/voucher";
import type { ConsentView, EscrowView } from "@starai/protocol/escrow";
import { bytesOf } from "../../../lib/hex.ts";

/** `signature`: the contract would refuse it; `amount`: it takes more than was signed for. */
export type ConsentFault = "signature" | "amount";

/** Whether the escrow would still take it, by the chain's time: it is of the present round, and its date has not passed. */
export function isInTime(
  consent: ConsentView | undefined,
  { chain, nowS }: Pick<EscrowView, "chain" | "nowS">,
): boolean {
  return consent !== undefined && consent.round === chain?.round && consent.validUntil > nowS;
}

export async function consentFault(view: EscrowView, consent: ConsentView): Promise<ConsentFault | null> {
  const { address, terms, signed, chain } = view;
  const { round, validUntil } = consent;
  const cumulative = BigInt(consent.cumulative);
  if (chain === null || round !== chain.round) return "signature";
  const said = { networkId: terms.networkId, escrow: address, round, cumulative, validUntil };
  const signature = bytesOf(consent.signature);
  if (!(await verifyCloseConsent(said, signature, bytesOf(terms.providerKey)))) return "signature";
  return cumulative > BigInt(signed) ? "amount" : null;
}
