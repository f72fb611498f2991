/**
 * Detects an engine that stopped producing events. llama.cpp can hang forever (spinning threads, a lost device),
 * and only a clock can tell a hung engine from a slow one.
 */

/** Before the first token: the longest silence while one piece of a prompt is read, on a slow and busy machine. */
export const QUIET_BEFORE_FIRST_TOKEN_MS = 60_000;
const QUIET_DECODING_MIN_MS = 5_000;
const QUIET_MEDIAN_GAPS = 20;
const GAPS_KEPT = 31;

export class StallWatch {
  #lastAt: number;
  #gaps: number[] = [];
  #decoding = false;
  readonly #quietBeforeFirstMs: number;

  /** `now` is monotonic milliseconds. Engines that report no progress get the time their whole prompt may take. */
  constructor(now: number, quietBeforeFirstMs: number = QUIET_BEFORE_FIRST_TOKEN_MS) {
    this.#lastAt = now;
    this.#quietBeforeFirstMs = quietBeforeFirstMs;
  }

  progress(now: number): void {
    this.#lastAt = now;
  }

  /** The engine works for another job. It reads one prompt after another, but writes every answer that has begun. */
  waitsItsTurn(now: number): void {
    if (!this.#decoding) this.#lastAt = now;
  }

  token(now: number): void {
    if (this.#decoding) this.#gaps = [...this.#gaps.slice(-GAPS_KEPT + 1), now - this.#lastAt];
    this.#decoding = true;
    this.#lastAt = now;
  }

  /** Excludes time in which no event could arrive because this process did not run. */
  forgive(ms: number): void {
    this.#lastAt += ms;
  }

  stalled(now: number): boolean {
    return now - this.#lastAt > this.#quietMaxMs();
  }

  #quietMaxMs(): number {
    if (!this.#decoding) return this.#quietBeforeFirstMs;
    const sorted = [...this.#gaps].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return Math.max(QUIET_DECODING_MIN_MS, QUIET_MEDIAN_GAPS * median);
  }
}
