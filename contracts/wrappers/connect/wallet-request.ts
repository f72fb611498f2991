/**
 * What a page hands to TON Connect's `sendTransaction`. The SDK refuses a request with any other member, an address in its raw form, and
 * a BoC that is not base64 (@tonconnect/sdk 3.4.1 here; contracts/tests/connect-sdk.test.ts asks it).
 */
import { int, uint } from "../signed-cell.ts";
import type { Field } from "../signed-cell.ts";
import { bocOf } from "./boc.ts";
import { cellOf, hashOf } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { friendlyAddress } from "./friendly-address.ts";

export interface WalletRequest {
  /** UNIX seconds. The wallet signs nothing that could run later. */
  validUntil: number;
  /** The chain's global id. A wallet on another network refuses. */
  network: string;
  messages: [WalletMessage];
}

/** `address` in the user-friendly form, `amount` in nano units, cells as BoCs in base64. */
export interface WalletMessage {
  address: string;
  amount: string;
  payload: string;
  stateInit?: string;
}

/** What every request needs. */
export interface RequestTerms {
  /** The chain's global id: -239 mainnet, -3 testnet. */
  networkId: number;
  /** UNIX seconds. */
  nowS: number;
  /** Comes back in the contract's answer and tells requests apart on chain: random and new for each, or an invoice's number. */
  queryId: bigint;
}

/** The longest a request may be good for: beyond it the SDK warns, and wallets shorten it. */
export const REQUEST_SECONDS = 300;
const MAINNET = -239;
const COINS_BITS = 120;

export interface Outgoing {
  /** A raw address. */
  to: string;
  /** Nano units, with what is attached for gas. */
  value: bigint;
  body: Cell;
  init?: Cell;
}

/** @throws {RangeError} on a value that no message can carry, an address that is not raw, or a time that is not whole seconds. */
export function walletRequest({ networkId, nowS }: RequestTerms, { to, value, body, init }: Outgoing): WalletRequest {
  if (value <= 0n) throw new RangeError(`a message must carry money, and ${value} is none`);
  uint("value", value, COINS_BITS);
  uint("nowS", nowS, 32);
  int("networkId", networkId, 32);
  return {
    validUntil: nowS + REQUEST_SECONDS,
    network: String(networkId),
    messages: [
      {
        address: friendlyAddress(to, { bounceable: true, testOnly: networkId !== MAINNET }),
        amount: String(value),
        payload: bocOf(body),
        ...(init && { stateInit: bocOf(init) }),
      },
    ],
  };
}

/** Starts a body: its op code and the query id. */
export function head(op: number, { queryId }: RequestTerms): Field[] {
  return [uint("op", op, 32), uint("queryId", queryId, 64)];
}

/** The StateInit of a contract: its code and its data, no library, nothing special. */
export function stateInitOf(code: Cell, data: Cell): Cell {
  return cellOf([[0b00110n, 5]], [code, data]);
}

/** The raw address of the contract that a StateInit deploys. */
export async function addressOf(init: Cell): Promise<string> {
  const hash = await hashOf(init);
  return `0:${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
