/** `count` of the items, the same ones for the same seed, in their old order. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): Item[] {
  const random = generator(seed);
  const order = items.map((item, index) => ({ item, index, draw: random() }));
  const chosen = order.sort((a, b) => a.draw - b.draw).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

/** `count` of all items, as many of each group as of any other, so that a large group does not leave the small ones unseen. */
export function evenSample<Item>(groups: readonly (readonly Item[])[], count: number, seed: number): Item[] {
  const filled = groups.filter((items) => items.length > 0);
  return filled.flatMap((items) => sample(items, Math.ceil(count / filled.length), seed));
}

/** mulberry32: 32 bits of state, enough to draw a sample. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
