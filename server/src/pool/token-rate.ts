/** Tokens per second over the last seconds, in one-second buckets. */

export class TokenRate {
  readonly #buckets: number[];
  #second = 0;

  constructor(seconds: number) {
    this.#buckets = Array.from({ length: seconds }, () => 0);
  }

  add(tokens: number, now: number): void {
    this.#turnTo(Math.floor(now / 1_000));
    this.#buckets[this.#second % this.#buckets.length]! += tokens;
  }

  perS(now: number): number {
    this.#turnTo(Math.floor(now / 1_000));
    return this.#buckets.reduce((sum, bucket) => sum + bucket, 0) / this.#buckets.length;
  }

  /** Empties the buckets of seconds in which nothing came. */
  #turnTo(second: number): void {
    const seconds = this.#buckets.length;
    const first = Math.max(this.#second + 1, second - seconds + 1);
    for (let passed = first; passed <= second; passed++) this.#buckets[passed % seconds] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
