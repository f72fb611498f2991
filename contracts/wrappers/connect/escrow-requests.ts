/** What the owner of an escrow is asked to send. Addresses are raw, amounts nano units. Only the owner's wallet can send all but a top-up. */
import artefact from "../../artefacts/Escrow.json" with { type: "json" };
import { EscrowOp } from "../escrow-codes.ts";
import { isWeakKey } from "../session-key.ts";
import { address, bytes, coins, int, uint } from "../signed-cell.ts";
import type { Field } from "../signed-cell.ts";
import { cellOfBoc } from "./boc.ts";
import { cellOf } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { addressOf, head, stateInitOf, walletRequest } from "./wallet-request.ts";
import type { RequestTerms, WalletRequest } from "./wallet-request.ts";

/** Added when opening: gas and a year's storage reserve under either price list. The rest is prepaid too. */
export const OPENING = 30_000_000n;
/** Added when topping up: gas under either price list. The rest is prepaid too. */
export const TOPPING_UP = 2_000_000n;
/** Attached to a message that only changes the state: gas under either price list. The rest is prepaid too. */
const CHANGE = 10_000_000n;
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

/** Deploys the escrow, names its session key and prepays, in one message. In a ripe close the key replaces all others. */
export async function openRequest(
  terms: RequestTerms,
  { amount, sessionKey, dailyCap, ...escrow }: Opening,
): Promise<WalletRequest> {
  const init = escrowInit({ ...escrow, networkId: terms.networkId });
  const body = cellOf([
    ...head(EscrowOp.SetKey, terms),
    keyField("sessionKey", sessionKey),
    ...coins("dailyCap", dailyCap),
  ]);
  return walletRequest(terms, { to: await addressOf(init), value: amount + OPENING, body, init });
}

/** Prepays `amount` more. Anybody may. */
export function topUpRequest(
  terms: RequestTerms,
  { escrow, amount }: { escrow: string; amount: bigint },
): WalletRequest {
  return walletRequest(terms, { to: escrow, value: amount + TOPPING_UP, body: cellOf(head(EscrowOp.TopUp, terms)) });
}

/** Adds the key of another device, at once. */
export function addKeyRequest(
  terms: RequestTerms,
  { escrow, sessionKey }: { escrow: string; sessionKey: Uint8Array },
): WalletRequest {
  const body = cellOf([...head(EscrowOp.AddKey, terms), keyField("sessionKey", sessionKey)]);
  return walletRequest(terms, { to: escrow, value: CHANGE, body });
}

/** Raises the most that vouchers may draw in a day, at once. */
export function raiseCapRequest(
  terms: RequestTerms,
  { escrow, dailyCap }: { escrow: string; dailyCap: bigint },
): WalletRequest {
  const body = cellOf([...head(EscrowOp.RaiseCap, terms), ...coins("dailyCap", dailyCap)]);
  return walletRequest(terms, { to: escrow, value: CHANGE, body });
}

/** Begins the 24 hours after which the money can be withdrawn. */
export function requestCloseRequest(terms: RequestTerms, { escrow }: { escrow: string }): WalletRequest {
  return walletRequest(terms, { to: escrow, value: ATTACHED, body: cellOf(head(EscrowOp.RequestClose, terms)) });
}

/** Takes a requested close back. */
export function cancelCloseRequest(terms: RequestTerms, { escrow }: { escrow: string }): WalletRequest {
  return walletRequest(terms, { to: escrow, value: CHANGE, body: cellOf(head(EscrowOp.CancelClose, terms)) });
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

/** @throws {RangeError} for a key that the contract would refuse. */
function keyField(name: string, key: Uint8Array): Field {
  if (isWeakKey(key)) throw new RangeError(`${name} must be an Ed25519 public key for which nobody else can sign`);
  return bytes(name, key, KEY_BYTES);
}

/** `EscrowStorage` of storage.tolk before its first message: its terms, and zeros for everything that changes. */
function escrowInit({ owner, vault, providerKey, networkId }: EscrowTerms): Cell {
  const terms = cellOf([
    ...address("owner", owner),
    ...address("vault", vault),
    keyField("providerKey", providerKey),
    int("networkId", networkId, 32),
  ]);
  const [keys, settled, round, ripeAt, dailyCap, drawn, drawnAt] = [1, 4, 32, 32, 4, 4, 32];
  const changing = keys + settled + round + ripeAt + dailyCap + drawn + drawnAt;
  return stateInitOf(cellOfBoc(artefact.code), cellOf([[0n, changing]], [terms]));
}
