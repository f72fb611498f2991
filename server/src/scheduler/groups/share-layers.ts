/** How a model's layers are divided among the machines of a group. Pure. */

/**
 * Layers for each machine, in proportion to what it can hold: at least one, and never more than fit.
 * @param most  what each can hold, at least 1; together at least `layers`, of which there are as many as machines
 */
export function shareLayers(layers: number, most: readonly number[]): number[] {
  const toShare = layers - most.length;
  const room = most.map((count) => count - 1);
  const all = room.reduce((sum, count) => sum + count, 0);
  const exact = room.map((count) => (all === 0 ? 0 : (toShare * count) / all));
  const shares = exact.map((share) => Math.floor(share));
  let left = toShare - shares.reduce((sum, share) => sum + share, 0);
  // The largest remainders first; where one is above zero there is room for a whole layer.
  const byRemainder = exact.map((share, place) => ({ place, rest: share - Math.floor(share) }));
  byRemainder.sort((one, other) => other.rest - one.rest || one.place - other.place);
  for (const { place } of byRemainder) {
    if (left === 0) break;
    shares[place]!++;
    left--;
  }
  return shares.map((share) => share + 1);
}
