/** Finds an owner whom a new tree owes less than the tree before, which no honest epoch does: earnings are cumulative. */
import type { RewardLeaves } from "../wrappers/merkle.ts";

const KEY_BYTES = 32;

/** The account hash of the first such owner, in the order of keys; null when nobody loses. Both lists are sorted by key. */
export function loweredLeaf(current: RewardLeaves, pending: RewardLeaves): Uint8Array | null {
  let next = 0;
  for (let index = 0; index < current.amounts.length; index++) {
    const owner = keyAt(current, index);
    while (next < pending.amounts.length && Buffer.compare(keyAt(pending, next), owner) < 0) next++;
    const kept = next < pending.amounts.length && Buffer.compare(keyAt(pending, next), owner) === 0;
    if (!kept || pending.amounts[next]! < current.amounts[index]!) return owner;
  }
  return null;
}

const keyAt = ({ keys }: RewardLeaves, index: number): Uint8Array =>
  keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
