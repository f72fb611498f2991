/** A transaction of a watched account, as the books see it. Amounts are nano units, addresses raw. */
import type { Cell, Message, Transaction } from "@ton/core";
import type { WatchedRole } from "../db/schema.ts";
import type { WatchedAccount } from "./watched-accounts.ts";

/** A transaction's place in its account's history; `lt` 0 is before the first one. */
export interface Place {
  readonly lt: bigint;
  readonly hash: Buffer;
}

export interface InMessage {
  readonly from: string;
  /** Of which of our accounts it is; null: of a stranger. */
  readonly fromRole: WatchedRole | null;
  readonly value: bigint;
  readonly body: Cell;
  /** One of our own messages, which comes back. */
  readonly bounced: boolean;
}

export interface OutMessage {
  readonly to: string;
  readonly toRole: WatchedRole | null;
  readonly value: bigint;
  readonly body: Cell;
  readonly bounced: boolean;
}

export interface AccountTransaction extends Place {
  readonly role: WatchedRole;
  /** The account's own raw address. */
  readonly account: string;
  readonly at: Date;
  readonly previous: Place;
  /** Null: an external message started it, as a wallet's owner sends them. */
  readonly in: InMessage | null;
  /** Internal ones, in the order in which they were sent. */
  readonly outs: readonly OutMessage[];
  /** The account refused the message; its value came back to the sender where it `bouncedBack`, else it stays here. */
  readonly aborted: boolean;
  readonly bouncedBack: boolean;
  /** By how much the account's balance changed. */
  readonly delta: bigint;
  /** Of the delta, what validators took; never below zero. */
  readonly fees: bigint;
  readonly raw: Transaction;
}

/** @param watched  all of our accounts; `account` is one of them */
export function accountTransaction(
  raw: Transaction,
  account: WatchedAccount,
  watched: readonly WatchedAccount[],
): AccountTransaction {
  const { description } = raw;
  const roleOf = (address: string) => watched.find((one) => one.address.toRawString() === address)?.role ?? null;
  const incoming = raw.inMessage ? inMessageOf(raw.inMessage, roleOf) : null;
  const outs = raw.outMessages.values().flatMap((message) => outMessageOf(message, roleOf));
  const sent = outs.reduce((sum, { value }) => sum + value, 0n);
  // The messages' forward fees beside what validators took at once. The field of the old hypercube fee is not added:
  // since version 12 of the network it holds flags, which nobody pays.
  const forward = raw.outMessages
    .values()
    .reduce((sum, { info }) => sum + (info.type === "internal" ? info.forwardFee : 0n), 0n);
  const fees = raw.totalFees.coins + forward;
  return {
    role: account.role,
    account: account.address.toRawString(),
    lt: raw.lt,
    hash: raw.hash(),
    at: new Date(raw.now * 1_000),
    previous: { lt: raw.prevTransactionLt, hash: hashOf(raw.prevTransactionHash) },
    in: incoming,
    outs,
    aborted: "aborted" in description && description.aborted,
    bouncedBack: description.type === "generic" && description.bouncePhase?.type === "ok",
    delta: (incoming?.value ?? 0n) - fees - sent,
    fees,
    raw,
  };
}

type RoleOf = (address: string) => WatchedRole | null;

function inMessageOf({ info, body }: Message, roleOf: RoleOf): InMessage | null {
  if (info.type !== "internal") return null;
  const from = info.src.toRawString();
  return { from, fromRole: roleOf(from), value: info.value.coins, body, bounced: info.bounced };
}

function outMessageOf({ info, body }: Message, roleOf: RoleOf): OutMessage[] {
  if (info.type !== "internal") return [];
  const to = info.dest.toRawString();
  return [{ to, toRole: roleOf(to), value: info.value.coins, body, bounced: info.bounced }];
}

/** A hash that @ton/core gives as a number. */
export function hashOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}
