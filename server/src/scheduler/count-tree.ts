/**
 * A set of indices from which a random member is drawn without listing them (a Fenwick tree).
 * @see Fenwick, A New Data Structure for Cumulative Frequency Tables (1994)
 */
export class CountTree {
  readonly #isIn: Uint8Array;
  /** At `i`, the number of members among the last `i & -i` indices up to `i`, counting from 1. */
  readonly #sums: Int32Array;
  readonly #highestStep: number;

  constructor(length: number, isIn: (place: number) => boolean) {
    this.#isIn = new Uint8Array(length);
    this.#sums = new Int32Array(length + 1);
    this.#highestStep = length === 0 ? 0 : 2 ** Math.floor(Math.log2(length));
    for (let i = 1; i <= length; i++) {
      if (isIn(i - 1)) {
        this.#isIn[i - 1] = 1;
        this.#sums[i]! += 1;
      }
      const above = i + (i & -i);
      if (above <= length) this.#sums[above]! += this.#sums[i]!;
    }
  }

  has(place: number): boolean {
    return this.#isIn[place] === 1;
  }

  set(place: number, isIn: boolean): void {
    if (this.has(place) === isIn) return;
    this.#isIn[place] = isIn ? 1 : 0;
    for (let i = place + 1; i < this.#sums.length; i += i & -i) this.#sums[i]! += isIn ? 1 : -1;
  }

  /** How many of the first `reach` indices are members. */
  count(reach: number): number {
    let sum = 0;
    for (let i = reach; i > 0; i -= i & -i) sum += this.#sums[i]!;
    return sum;
  }

  /** The member that has `before` members in front of it. */
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
