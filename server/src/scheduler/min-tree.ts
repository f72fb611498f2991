/** A segment tree: an array of changing numbers, and the minimum of any prefix. */
export class MinTree {
  readonly #leaves: number;
  /** Node `i` holds the smaller of its children `2i` and `2i + 1`; the row itself begins at `#leaves`. */
  readonly #nodes: Float64Array;

  constructor(length: number, valueAt: (place: number) => number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, length)));
    this.#nodes = new Float64Array(2 * this.#leaves).fill(Infinity);
    for (let place = 0; place < length; place++) this.#nodes[this.#leaves + place] = valueAt(place);
    for (let node = this.#leaves - 1; node > 0; node--) this.#nodes[node] = this.#smallerChild(node);
  }

  get(place: number): number {
    return this.#nodes[this.#leaves + place]!;
  }

  set(place: number, value: number): void {
    let node = this.#leaves + place;
    this.#nodes[node] = value;
    while (node > 1) {
      node >>= 1;
      this.#nodes[node] = this.#smallerChild(node);
    }
  }

  /** Index of the smallest of the first `reach` numbers, the earliest of equals. `reach` is at least 1. */
  smallest(reach: number): number {
    const nodes = this.#nodes;
    let best = reach >= this.#leaves ? 1 : 0;
    let node = 1;
    for (let width = this.#leaves / 2, left = best === 1 ? 0 : reach; left > 0; width /= 2) {
      node *= 2;
      if (left < width) continue;
      if (best === 0 || nodes[node]! < nodes[best]!) best = node;
      left -= width;
      node++;
    }
    while (best < this.#leaves) best = nodes[2 * best]! <= nodes[2 * best + 1]! ? 2 * best : 2 * best + 1;
    return best - this.#leaves;
  }

  #smallerChild(node: number): number {
    return Math.min(this.#nodes[2 * node]!, this.#nodes[2 * node + 1]!);
  }
}
