/** Tokens per second over the last ten seconds, in one-second buckets. */
const SECONDS = 10;

export class TokenRate {
  readonly #buckets = Array.from({ length: SECONDS }, () => 0);
  #second = 0;

  add(tokens: number, now: number): void {
    this.#turnTo(Math.floor(now / 1_000));
    this.#buckets[this.#second % SECONDS]! += tokens;
  }

  perS(now: number): number {
    this.#turnTo(Math.floor(now / 1_000));
    return this.#buckets.reduce((sum, bucket) => sum + bucket, 0) / SECONDS;
  }

  /** Empties the buckets of seconds in which nothing came. */
  #turnTo(second: number): void {
    const first = Math.max(this.#second + 1, second - SECONDS + 1);
    for (let passed = first; passed <= second; passed++) this.#buckets[passed % SECONDS] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
