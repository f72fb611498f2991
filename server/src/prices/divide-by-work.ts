/** Divides the part of one attempt among the machines that served the model together. Pure. */

/**
 * In proportion to the work of each, to the last nano unit: each has its part rounded down, and what is left goes, one
 * unit each, to those that lost most by it, of equal ones to the first. Who computed nothing has nothing. Without any
 * work the first one, which is the head, has it all, so that no amount gets lost.
 * @throws RangeError for work that is no count
 */
export function divideByWork(amount: bigint, work: readonly number[]): bigint[] {
  const odd = work.find((one) => !Number.isSafeInteger(one) || one < 0);
  if (odd !== undefined) throw new RangeError(`${odd} is no count of bytes to divide an amount by`);
  const all = work.reduce((sum, one) => sum + BigInt(one), 0n);
  if (all === 0n) return work.map((_, at) => (at === 0 ? amount : 0n));
  const due = work.map((one) => amount * BigInt(one));
  const shares = due.map((one) => one / all);
  const left = amount - shares.reduce((sum, share) => sum + share, 0n);
  const byLoss = due
    .map((one, at) => ({ at, lost: one % all }))
    .toSorted((one, other) => Number(other.lost - one.lost));
  for (const { at } of byLoss.slice(0, Number(left))) shares[at]! += 1n;
  return shares;
}
