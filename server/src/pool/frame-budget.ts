/**
 * How many frames a worker may send: a bucket that fills with time, faster the more leases it holds. Slots it claims
 * do not count: only leases it was given have frames to send.
 */

/** One stream at 200 tokens/s without any coalescing, and half as much again. */
const FRAMES_PER_S_PER_LEASE = 300;
/** Heartbeats, how a part of a group stands (once a second), and late frames of leases that have ended. */
const FRAMES_PER_S_BESIDES = 50;
/** Seconds of saved-up budget: what piles up while a connection hiccups may come at once. */
const BURST_S = 4;

export interface Leases {
  /** Held now. */
  readonly held: number;
  /** Ever given over this connection. */
  readonly taken: number;
}

export class FrameBudget {
  #left = FRAMES_PER_S_BESIDES * BURST_S;
  #at: number;
  #taken = 0;

  constructor(now: number) {
    this.#at = now;
  }

  /** Takes one frame off the budget; false when there is none left. */
  spend(now: number, { held, taken }: Leases): boolean {
    const perS = held * FRAMES_PER_S_PER_LEASE + FRAMES_PER_S_BESIDES;
    // A lease begins with its whole burst: a worker that reconnects sends what piled up while it was away.
    const given = (taken - this.#taken) * FRAMES_PER_S_PER_LEASE * BURST_S;
    const filled = this.#left + given + (Math.max(0, now - this.#at) * perS) / 1_000;
    // The saved budget stays when a lease ends: its last frames may still be on their way.
    this.#left = Math.max(this.#left, Math.min(filled, perS * BURST_S));
    this.#at = now;
    this.#taken = taken;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
