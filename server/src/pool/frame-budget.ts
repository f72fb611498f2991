/** How many frames a worker may send: a bucket that fills with time. */

/** One stream at 200 tokens/s without any coalescing, and half as much again. */
const FRAMES_PER_S_PER_SLOT = 300;
const FRAMES_PER_S_BESIDES = 50;
/** Seconds of saved-up budget: what piles up while a connection hiccups may come at once. */
const BURST_S = 4;

export class FrameBudget {
  readonly #perMs: number;
  readonly #most: number;
  #left: number;
  #at: number;

  constructor(slots: number, now: number) {
    const perS = slots * FRAMES_PER_S_PER_SLOT + FRAMES_PER_S_BESIDES;
    this.#perMs = perS / 1_000;
    this.#most = perS * BURST_S;
    this.#left = this.#most;
    this.#at = now;
  }

  /** Takes one frame off the budget; false when there is none left. */
  spend(now: number): boolean {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
