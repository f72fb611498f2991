/** From a message to the transaction that sent it, and to the one that received it. */
import { Address } from "@ton/core";
import type { Message } from "@ton/core";
import type { History, StoredTransaction } from "../history.ts";
import { placeOfLt } from "../logical-time.ts";

/** A message is delivered in the next block, later only behind a long queue: this many blocks are looked through. */
const BLOCKS_MAX = 64;

/** `createdLt` is the message's own logical time. Null when no such message was sent. */
export function sourceOf(history: History, createdLt: bigint): StoredTransaction | null {
  const sent = history.transactionAt(createdLt)?.found;
  return sent && messagesOf(sent).some(({ info }) => info.type === "internal" && info.createdLt === createdLt)
    ? sent
    : null;
}

/** Null when it is not delivered (yet). */
export function resultOf(history: History, source: string, createdLt: bigint): StoredTransaction | null {
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
