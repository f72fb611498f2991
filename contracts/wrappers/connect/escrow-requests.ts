/** What the owner of an escrow is asked to send. Addresses are raw, amounts nano units. Only the owner's wallet can send all but a top-up. */
import artefact from "../../artefacts/Escrow.json" with { type: "json" };
import { EscrowOp } from "../escrow-codes.ts";
import { address, bytes, coins, int, uint } from "../signed-cell.ts";
import type { Field } from "../signed-cell.ts";
import { cellOfBoc } from "./boc.ts";
import { cellOf } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { addressOf, head, stateInitOf, walletRequest } from "./wallet-request.ts";
import type { RequestTerms, WalletRequest } from "./wallet-request.ts";

/** Added when opening: gas and a year's storage reserve under either price list. The rest is prepaid too. */
const OPENING = 20_000_000n;
/** Added to a message that sends nothing on: gas under either price list. The rest is prepaid too. */
const KEPT = 2_000_000n;
/** Attached to a message that is answered: the rest comes back. */
const ATTACHED = 50_000_000n;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** What an escrow's address is derived from. */
export interface EscrowTerms {
  owner: string;
  vault: string;
  /** An Ed25519 public key. */
  providerKey: Uint8Array;
  networkId: number;
}

/** The address of an escrow, open or not. */
export async function escrowAddress(terms: EscrowTerms): Promise<string> {
  return addressOf(escrowInit(terms));
}

export interface Opening extends Omit<EscrowTerms, "networkId"> {
  /** What shall be prepaid. */
  amount: bigint;
  sessionKey: Uint8Array;
  /** The most that vouchers may draw in a day. */
  dailyCap: bigint;
}

/** Deploys the escrow, names its session key and prepays, in one message. Also names new keys in a ripe close. */
export async function openRequest(
  terms: RequestTerms,
  { amount, sessionKey, dailyCap, ...escrow }: Opening,
): Promise<WalletRequest> {
  const init = escrowInit({ ...escrow, networkId: terms.networkId });
  const body = cellOf([...head(EscrowOp.SetKey, terms), keyField(sessionKey), ...coins("dailyCap", dailyCap)]);
  return walletRequest(terms, { to: await addressOf(init), value: amount + OPENING, body, init });
}

/** Prepays `amount` more. Anybody may. */
export function topUpRequest(
  terms: RequestTerms,
  { escrow, amount }: { escrow: string; amount: bigint },
): WalletRequest {
  return walletRequest(terms, { to: escrow, value: amount + KEPT, body: cellOf(head(EscrowOp.TopUp, terms)) });
}

/** Adds the key of another device, at once. */
export function addKeyRequest(
  terms: RequestTerms,
  { escrow, sessionKey }: { escrow: string; sessionKey: Uint8Array },
): WalletRequest {
  const body = cellOf([...head(EscrowOp.AddKey, terms), keyField(sessionKey)]);
  return walletRequest(terms, { to: escrow, value: KEPT, body });
}

/** Raises the most that vouchers may draw in a day, at once. */
export function raiseCapRequest(
  terms: RequestTerms,
  { escrow, dailyCap }: { escrow: string; dailyCap: bigint },
): WalletRequest {
  const body = cellOf([...head(EscrowOp.RaiseCap, terms), ...coins("dailyCap", dailyCap)]);
  return walletRequest(terms, { to: escrow, value: KEPT, body });
}

/** Begins the 24 hours after which the money can be withdrawn. */
export function requestCloseRequest(terms: RequestTerms, { escrow }: { escrow: string }): WalletRequest {
  return walletRequest(terms, { to: escrow, value: ATTACHED, body: cellOf(head(EscrowOp.RequestClose, terms)) });
}

/** Takes a requested close back. */
export function cancelCloseRequest(terms: RequestTerms, { escrow }: { escrow: string }): WalletRequest {
  return walletRequest(terms, { to: escrow, value: KEPT, body: cellOf(head(EscrowOp.CancelClose, terms)) });
}

/** Takes everything home in a ripe close. */
export function withdrawRequest(terms: RequestTerms, { escrow }: { escrow: string }): WalletRequest {
  return walletRequest(terms, { to: escrow, value: ATTACHED, body: cellOf(head(EscrowOp.Withdraw, terms)) });
}

export interface Consent {
  /** What the vault has then received in all: the provider's own word, so show it to the person first. */
  cumulative: bigint;
  /** UNIX seconds. */
  validUntil: number;
  /** The provider's; `verifyCloseConsent` checks it. */
  signature: Uint8Array;
}

/** Closes at once with the provider's consent. */
export function closeTogetherRequest(
  terms: RequestTerms,
  { escrow, cumulative, validUntil, signature }: Consent & { escrow: string },
): WalletRequest {
  const body = cellOf([
    ...head(EscrowOp.CloseTogether, terms),
    ...coins("cumulative", cumulative),
    uint("validUntil", validUntil, 32),
    bytes("signature", signature, SIGNATURE_BYTES),
  ]);
  return walletRequest(terms, { to: escrow, value: ATTACHED, body });
}

const keyField = (key: Uint8Array): Field => bytes("sessionKey", key, KEY_BYTES);

/** `EscrowStorage` of storage.tolk before its first message: its terms, and zeros for everything that changes. */
function escrowInit({ owner, vault, providerKey, networkId }: EscrowTerms): Cell {
  const terms = cellOf([
    ...address("owner", owner),
    ...address("vault", vault),
    bytes("providerKey", providerKey, KEY_BYTES),
    int("networkId", networkId, 32),
  ]);
  const [keys, settled, round, ripeAt, dailyCap, drawn, drawnAt] = [1, 4, 32, 32, 4, 4, 32];
  const changing = keys + settled + round + ripeAt + dailyCap + drawn + drawnAt;
  return stateInitOf(cellOfBoc(artefact.code), cellOf([[0n, changing]], [terms]));
}
