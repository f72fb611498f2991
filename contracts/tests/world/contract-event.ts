import type { Address, Slice } from "@ton/core";
import type { BlockchainTransaction } from "@ton/sandbox";
import { feesOf } from "../test-chain.ts";

/** What a successful transaction at one contract did. Amounts are nano units. */
export interface ContractEvent {
  /** Op code of the message; null for an empty body. `body` is positioned after it. */
  op: number | null;
  body: Slice;
  sender: Address;
  now: number;
  /** By how much the balance fell, storage rent apart; negative where it grew. */
  lost: bigint;
  /** Messages sent to other contracts; each `body` is positioned after its op code. */
  sent: { op: number | null; body: Slice; to: Address; value: bigint }[];
}

/** Reads a transaction if it happened at this contract, came from another and succeeded; null otherwise. */
export function contractEvent(transaction: BlockchainTransaction, at: Address): ContractEvent | null {
  const { inMessage, description, now } = transaction;
  if (inMessage?.info.type !== "internal" || inMessage.info.bounced || !inMessage.info.dest.equals(at)) return null;
  if (description.type !== "generic" || description.aborted) return null;
  const sent = transaction.outMessages.values().flatMap(({ info, body }) => {
    if (info.type !== "internal") return [];
    return [{ ...opened(body.beginParse()), to: info.dest, value: info.value.coins }];
  });
  return { ...opened(inMessage.body.beginParse()), sender: inMessage.info.src, now, lost: lostBy(transaction), sent };
}

/** Nano units that a message, even a failed one, left at a contract because they were too few to be sent back. */
export function leftAt(transaction: BlockchainTransaction, at: Address): bigint {
  const lost = transaction.inMessage?.info.dest?.toString() === at.toString() ? lostBy(transaction) : 0n;
  return lost < 0n ? -lost : 0n;
}

function lostBy(transaction: BlockchainTransaction): bigint {
  const { inMessage, outMessages, description } = transaction;
  const out = outMessages
    .values()
    .reduce((sum, { info }) => sum + (info.type === "internal" ? info.value.coins : 0n), 0n);
  const rent = description.type === "generic" ? (description.storagePhase?.storageFeesCollected ?? 0n) : 0n;
  const brought = inMessage?.info.type === "internal" ? inMessage.info.value.coins : 0n;
  return out + feesOf(transaction) - rent - brought;
}

function opened(body: Slice): { op: number | null; body: Slice } {
  return { op: body.remainingBits >= 32 ? body.loadUint(32) : null, body };
}
