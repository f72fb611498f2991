/**
 * Retries. Pauses double up to a bound, and each is shortened at random: clients that lost one server in the same
 * moment must not come back in the same moment.
 */
import { pause } from "./pause.ts";

/** The pause before the second try, and the longest one. */
export interface RetryPace {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The pauses of one loop of tries. */
export class GrowingPause {
  readonly #pace: RetryPace;
  readonly #random: () => number;
  #wholeMs: number;

  constructor(pace: RetryPace, random: () => number = Math.random) {
    this.#pace = pace;
    this.#random = random;
    this.#wholeMs = pace.firstMs;
  }

  /** Milliseconds to wait now: between half of the pause and the whole of it. */
  nextMs(): number {
    const wholeMs = Math.min(this.#wholeMs, this.#pace.maxMs);
    this.#wholeMs = Math.min(wholeMs * 2, this.#pace.maxMs);
    return wholeMs * (0.5 + this.#random() / 2);
  }

  /** A try went well: the next pause is the first one again. */
  reset(): void {
    this.#wholeMs = this.#pace.firstMs;
  }
}

export interface Retrying extends RetryPace {
  /** Whether the same may go well later. A fault for which this is false is thrown at once. */
  mayPass: (fault: unknown, tries: number) => boolean | Promise<boolean>;
  triesMax?: number;
  /** No try begins later than this after the first. */
  forMs?: number;
  /** The least pause after this fault, where the other side names one. */
  leastMs?: (fault: unknown) => number;
  /** Called before each pause. */
  onPause?: (fault: unknown, at: { tries: number; waitMs: number }) => void | Promise<void>;
  /** Cuts the pause short: one last try follows. */
  signal?: AbortSignal | undefined;
}

/** Calls `attempt` until it succeeds. @throws the last fault */
export async function retry<Value>(attempt: (tries: number) => Promise<Value>, retrying: Retrying): Promise<Value> {
  const { mayPass, triesMax = Infinity, forMs = Infinity, leastMs, onPause, signal } = retrying;
  const began = performance.now();
  const growing = new GrowingPause(retrying);
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (signal?.aborted || tries >= triesMax || !(await mayPass(error, tries))) throw error;
      const waitMs = Math.max(growing.nextMs(), leastMs?.(error) ?? 0);
      if (performance.now() - began + waitMs > forMs) throw error;
      await onPause?.(error, { tries, waitMs });
      await pause(waitMs, signal);
    }
  }
}
