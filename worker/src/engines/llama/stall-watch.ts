/**
 * Notices that an engine has gone quiet. llama.cpp can hang for ever (engine threads that spin, a lost device),
 * and a hung engine looks like a slow one to everybody but a clock.
 */

/** Until the first token: the longest silence while loading or reading one piece of a prompt. */
const QUIET_BEFORE_FIRST_TOKEN_MS = 60_000;
const QUIET_DECODING_MIN_MS = 5_000;
const QUIET_MEDIAN_GAPS = 20;
const GAPS_KEPT = 31;

export class StallWatch {
  #lastAt: number;
  #gaps: number[] = [];
  #decoding = false;

  /** `now` is monotonic milliseconds. */
  constructor(now: number) {
    this.#lastAt = now;
  }

  progress(now: number): void {
    this.#lastAt = now;
  }

  token(now: number): void {
    if (this.#decoding) this.#gaps = [...this.#gaps.slice(-GAPS_KEPT + 1), now - this.#lastAt];
    this.#decoding = true;
    this.#lastAt = now;
  }

  /** Time that passed while nobody could have been heard (this process did not run) does not count. */
  forgive(ms: number): void {
    this.#lastAt += ms;
  }

  stalled(now: number): boolean {
    return now - this.#lastAt > this.#quietMaxMs();
  }

  #quietMaxMs(): number {
    if (!this.#decoding) return QUIET_BEFORE_FIRST_TOKEN_MS;
    const sorted = [...this.#gaps].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return Math.max(QUIET_DECODING_MIN_MS, QUIET_MEDIAN_GAPS * median);
  }
}
