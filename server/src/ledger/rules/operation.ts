/** What can be asked of the ledger, and what it answers. Amounts are whole nano units (coin) or billionths of a Star (stars). */
import { GROUP_NODES_MAX } from "@starai/protocol/split";

/** A row of ledger_accounts. */
export type AccountId = number;

export type Operation = Move | Hold | Capture | Release | Reverse;

/** Moves an amount between two accounts: a deposit, a fee, a payout. */
export interface Move {
  readonly verb: "move";
  /** UUID of the effect: the same move asked again under it happens once. */
  readonly key: string;
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: bigint;
  /** What it is for, e.g. `deposit`. */
  readonly kind: string;
}

/** Sets an amount aside: the most an answer or API job may cost. */
export interface Hold {
  readonly verb: "hold";
  /** UUID of the answer or job. */
  readonly id: string;
  readonly account: AccountId;
  readonly amount: bigint;
  /** The day in UTC whose caps it counts against, YYYY-MM-DD. */
  readonly day: string;
  readonly caps: readonly Cap[];
  /** When it should long be closed. Nothing happens then by itself: verification reports it. */
  readonly expiresAt: Date;
}

export interface Cap {
  /** `person:<uuid>`, a chat, an API key. */
  readonly owner: string;
  /** The most this owner may have spent and held on a day. */
  readonly amount: bigint;
}

/** Pays out of a hold, in one or more legs; the rest stays held. */
export interface Capture {
  readonly verb: "capture";
  readonly key: string;
  readonly hold: string;
  readonly legs: readonly Leg[];
}

export interface Leg {
  readonly to: AccountId;
  readonly amount: bigint;
  /** `earned`, `fee`, … */
  readonly kind: string;
}

/** Closes a hold: what was not captured is free again. */
export interface Release {
  readonly verb: "release";
  readonly hold: string;
}

/**
 * Undoes a move or a capture whole, by postings in the other direction. What was captured goes back to where it came
 * from: into its hold while that is open, else to the free balance; in both cases it no longer counts as spent.
 */
export interface Reverse {
  readonly verb: "reverse";
  readonly key: string;
  /** The key of the effect to undo. */
  readonly of: string;
}

/** An operation with the hash of what it asks: the same key with another hash is a conflict. */
export interface Asked {
  readonly operation: Operation;
  /** SHA-256 in hex. */
  readonly params: string;
}

export type Outcome =
  | { readonly kind: "done" }
  /** It had been done under this key before; nothing happened now. */
  | { readonly kind: "again" }
  /** Something else had been done under this key. */
  | { readonly kind: "conflict" }
  | { readonly kind: "refused"; readonly because: Reason };

export type Reason =
  | { readonly code: "short"; readonly account: AccountId; readonly needed: bigint; readonly available: bigint }
  | { readonly code: "over_cap"; readonly owner: string; readonly cap: bigint; readonly left: bigint }
  | { readonly code: "over_hold"; readonly needed: bigint; readonly available: bigint }
  | { readonly code: "hold_closed" }
  /** The books do not add up: nothing new is granted until they do. */
  | { readonly code: "halted" }
  | { readonly code: "unknown_account" | "wrong_asset" | "same_account" | "out_of_bounds"; readonly account: AccountId }
  | { readonly code: "unknown_hold" | "unknown_effect" | "reversed_before" | "is_a_reversal" };

/** Caps of one hold: a person's, a chat's and an API key's. */
const CAPS_MAX = 3;
/**
 * A job has 64 leases at most, each with a share of its worker or of every machine of its group; the house has three
 * more, or four with one worker less.
 */
const LEGS_MAX = 64 * (1 + GROUP_NODES_MAX) + 3;
/** A balance holds four of these; there are 5.1 × 10^18 nano units of the coin in the world. */
const AMOUNT_MAX = 10n ** 18n;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** In lower case, as the database writes it. */
export const isUuid = (text: string): boolean => UUID.test(text);
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws {RangeError} for what our own code must never ask, whatever the books say */
export function checkOperation(operation: Operation): void {
  const fault = faultOf(operation);
  if (fault !== null) throw new RangeError(`ledger: ${operation.verb}: ${fault}`);
}

function faultOf(operation: Operation): string | null {
  if (!idsOf(operation).every(isUuid)) return "a key must be a UUID in lower case";
  if (!amountsOf(operation).every((amount) => amount > 0n && amount <= AMOUNT_MAX)) return "an amount is out of range";
  switch (operation.verb) {
    case "move":
      return operation.from === operation.to ? "both sides are one account" : null;
    case "hold": {
      const owners = new Set(operation.caps.map(({ owner }) => owner));
      if (operation.caps.length > CAPS_MAX || owners.size < operation.caps.length) return "too many or repeated caps";
      return DAY.test(operation.day) ? null : "a day is written YYYY-MM-DD";
    }
    case "capture":
      return operation.legs.length < 1 || operation.legs.length > LEGS_MAX ? `1 to ${LEGS_MAX} legs are needed` : null;
    case "release":
      return null;
    case "reverse":
      return operation.key === operation.of ? "a reversal has a key of its own" : null;
  }
}

function idsOf(operation: Operation): string[] {
  switch (operation.verb) {
    case "move":
      return [operation.key];
    case "hold":
      return [operation.id];
    case "capture":
      return [operation.key, operation.hold];
    case "release":
      return [operation.hold];
    case "reverse":
      return [operation.key, operation.of];
  }
}

function amountsOf(operation: Operation): bigint[] {
  if (operation.verb === "move" || operation.verb === "hold") return [operation.amount];
  return operation.verb === "capture" ? operation.legs.map(({ amount }) => amount) : [];
}
