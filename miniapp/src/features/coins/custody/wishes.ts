/** What the owner of an escrow can ask of their wallet, with what the chain shows once it was done. */
import {
  addKeyRequest,
  cancelCloseRequest,
  closeTogetherRequest,
  openRequest,
  raiseCapRequest,
  requestCloseRequest,
  topUpRequest,
  withdrawRequest,
} from "@starai/contracts/connect/escrow-requests";
import type { EscrowTerms } from "@starai/contracts/connect/escrow-requests";
import type { RequestTerms, WalletRequest } from "@starai/contracts/connect/wallet-request";
import type { ConsentView, EscrowView } from "@starai/protocol/escrow";
import { bytesOf, hexOf } from "../../../lib/hex.ts";
import { actOf, fundsOf } from "./custody-act.ts";
import type { Act } from "./custody-act.ts";

/** Made when the wallet is there. */
export type Wish = (view: EscrowView, terms: RequestTerms) => Promise<{ act: Act; request: WalletRequest }>;

/** Makes this device's key for an escrow, or finds it. */
type MakeKey = (escrow: string) => Promise<Uint8Array>;

export function termsOf({ terms }: EscrowView): EscrowTerms {
  return { ...terms, providerKey: bytesOf(terms.providerKey) };
}

export function openWish(make: MakeKey, amounts: { amount: bigint; dailyCap: bigint }): Wish {
  return async (view, terms) => {
    const sessionKey = await make(view.address);
    const request = await openRequest(terms, { ...termsOf(view), ...amounts, sessionKey });
    return { act: actOf("open", view, hexOf(sessionKey)), request };
  };
}

export function addKeyWish(make: MakeKey): Wish {
  return async (view, terms) => {
    const sessionKey = await make(view.address);
    const request = addKeyRequest(terms, { escrow: view.address, sessionKey });
    return { act: actOf("add_key", view, hexOf(sessionKey)), request };
  };
}

export function topUpWish(amount: bigint): Wish {
  return async (view, terms) => ({
    // Half of it tells a top-up from what other messages leave there, whatever rent takes meanwhile.
    act: actOf("top_up", view, String(fundsOf(view.chain) + amount / 2n)),
    request: topUpRequest(terms, { escrow: view.address, amount }),
  });
}

export function raiseCapWish(dailyCap: bigint): Wish {
  return async (view, terms) => ({
    act: actOf("raise_cap", view, String(dailyCap)),
    request: raiseCapRequest(terms, { escrow: view.address, dailyCap }),
  });
}

export function closeTogetherWish({ cumulative, validUntil, signature }: ConsentView): Wish {
  return async (view, terms) => {
    const consent = { cumulative: BigInt(cumulative), validUntil, signature: bytesOf(signature) };
    return {
      act: actOf("close_together", view),
      request: closeTogetherRequest(terms, { escrow: view.address, ...consent }),
    };
  };
}

export const requestCloseWish: Wish = async (view, terms) => ({
  act: actOf("request_close", view),
  request: requestCloseRequest(terms, { escrow: view.address }),
});

export const cancelCloseWish: Wish = async (view, terms) => ({
  act: actOf("cancel_close", view),
  request: cancelCloseRequest(terms, { escrow: view.address }),
});

export const withdrawWish: Wish = async (view, terms) => ({
  act: actOf("withdraw", view),
  request: withdrawRequest(terms, { escrow: view.address }),
});
