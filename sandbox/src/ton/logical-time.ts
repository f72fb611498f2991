/**
 * Logical time (lt) as this chain deals it: block n begins at n million, its k-th transaction at k thousand after that, the messages
 * a transaction sends (255 at most) right behind it. So an lt alone says which block and which transaction it belongs to.
 */
const BLOCK_LT = 1_000_000n;
const TRANSACTION_LT = 1_000n;

/** With these bounds lts of one block never reach the next one's. */
export const TRANSACTIONS_PER_BLOCK_MAX = 500;

/** `position` counts from zero. */
export function ltOf({ seqno, position }: { seqno: number; position: number }): bigint {
  return BigInt(seqno) * BLOCK_LT + BigInt(position + 1) * TRANSACTION_LT;
}

/** Of a transaction's or a message's lt; null for one that this chain never deals. */
export function placeOfLt(lt: bigint): { seqno: number; position: number } | null {
  const seqno = lt / BLOCK_LT;
  const position = (lt % BLOCK_LT) / TRANSACTION_LT - 1n;
  if (lt <= 0n || position < 0n || seqno > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return { seqno: Number(seqno), position: Number(position) };
}
