/** Finds the transactions that sent and received a message. */
import { Address } from "@ton/core";
import type { Message } from "@ton/core";
import type { History, StoredTransaction } from "../history.ts";
import { placeOfLt } from "../logical-time.ts";

/** Blocks searched for a delivery: it is in the next block, or later when the queue is long. */
const BLOCKS_MAX = 64;

/** The transaction that sent a message. `createdLt` is the message's logical time. Null when it was never sent. */
export function sendingTransaction(history: History, createdLt: bigint): StoredTransaction | null {
  const sent = history.transactionAt(createdLt)?.found;
  return sent && messagesOf(sent).some(({ info }) => info.type === "internal" && info.createdLt === createdLt)
    ? sent
    : null;
}

/** The transaction that received a message; null when it is not delivered (yet). */
export function receivingTransaction(history: History, source: string, createdLt: bigint): StoredTransaction | null {
  const place = placeOfLt(createdLt);
  if (!place) return null;
  for (let seqno = place.seqno + 1; seqno <= place.seqno + BLOCKS_MAX; seqno++) {
    const block = history.block(seqno);
    if (!block) return null;
    for (let index = block.first; index < block.first + block.count; index++) {
      const stored = history.transaction(index);
      if (isFrom(stored.transaction.inMessage, source, createdLt)) return stored;
    }
  }
  return null;
}

function isFrom(message: Message | null | undefined, source: string, createdLt: bigint): boolean {
  const info = message?.info;
  return info?.type === "internal" && info.createdLt === createdLt && info.src.toRawString() === source;
}

function messagesOf({ transaction }: StoredTransaction): Message[] {
  return transaction.outMessages.values();
}

/** The account an internal message goes to, raw; null for other messages. */
export function destinationOf({ info }: Message): string | null {
  return info.type === "internal" && Address.isAddress(info.dest) ? info.dest.toRawString() : null;
}
