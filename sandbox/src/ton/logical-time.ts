/**
 * Logical time (lt) as this chain assigns it: block n starts at n million, its k-th transaction k thousand after that,
 * and the messages a transaction sends (255 at most) follow it directly. So an lt determines its block and transaction.
 */
const BLOCK_LT = 1_000_000n;
const TRANSACTION_LT = 1_000n;

/** Within this limit, the lts of a block stay below the next block's. */
export const TRANSACTIONS_PER_BLOCK_MAX = 500;

/** The lt of a transaction; `position` counts from zero. */
export function ltOf({ seqno, position }: { seqno: number; position: number }): bigint {
  return BigInt(seqno) * BLOCK_LT + BigInt(position + 1) * TRANSACTION_LT;
}

/** The place of a transaction's or a message's lt; null for one that this chain never assigns. */
export function placeOfLt(lt: bigint): { seqno: number; position: number } | null {
  const seqno = lt / BLOCK_LT;
  const position = (lt % BLOCK_LT) / TRANSACTION_LT - 1n;
  if (lt <= 0n || position < 0n || seqno > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return { seqno: Number(seqno), position: Number(position) };
}
