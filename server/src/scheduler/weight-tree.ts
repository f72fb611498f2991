/**
 * A set of indices with weights from which a member is drawn, with a probability as its weight, without listing them (a
 * Fenwick tree). Weights are whole numbers, exact up to a sum of 2^53; an index of weight 0 is not a member.
 * @see Fenwick, A New Data Structure for Cumulative Frequency Tables (1994)
 */
export class WeightTree {
  readonly #weights: Float64Array;
  /** At `i`, the weights of the last `i & -i` indices up to `i`, counting from 1. */
  readonly #sums: Float64Array;
  readonly #highestStep: number;

  constructor(length: number, weightAt: (place: number) => number) {
    this.#weights = new Float64Array(length);
    this.#sums = new Float64Array(length + 1);
    this.#highestStep = length === 0 ? 0 : 2 ** Math.floor(Math.log2(length));
    for (let i = 1; i <= length; i++) {
      const weight = weightAt(i - 1);
      this.#weights[i - 1] = weight;
      this.#sums[i]! += weight;
      const above = i + (i & -i);
      if (above <= length) this.#sums[above]! += this.#sums[i]!;
    }
  }

  get(place: number): number {
    return this.#weights[place]!;
  }

  set(place: number, weight: number): void {
    const change = weight - this.#weights[place]!;
    if (change === 0) return;
    this.#weights[place] = weight;
    for (let i = place + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += change;
  }

  /** What the first `reach` indices weigh together. */
  sum(reach: number): number {
    let sum = 0;
    for (let i = reach; i > 0; i -= i & -i) sum += this.#sums[i]!;
    return sum;
  }

  /** The member at this point of all weights laid one after the other; `before` is below their sum. */
  at(before: number): number {
    let place = 0;
    for (let step = this.#highestStep, left = before; step > 0; step >>= 1) {
      const next = place + step;
      if (next >= this.#sums.length || this.#sums[next]! > left) continue;
      place = next;
      left -= this.#sums[next]!;
    }
    return place;
  }
}
