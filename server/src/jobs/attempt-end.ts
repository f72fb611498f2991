/** How one attempt at a job ended. */
import type { Timed } from "../prices/service-level.ts";

/**
 * Why a lease was lost: a word for the attempt's row, and what counts against the worker. `fault`: the worker caused it;
 * `refusal`: it had room for the lease and did not start it; `form`: its engine cannot follow this grammar, though it may
 * serve everything else; `none`: the server or nobody caused it.
 *
 * What the attempt committed before it was lost stays in the answer, also that of a false one: each frame was checked
 * before it was committed, a refused frame is dropped with those that waited beside it, and the next attempt continues
 * after the rest. The person keeps that text and pays for it; a false attempt earns nothing for it.
 */
export interface Loss {
  end: string;
  blame: "fault" | "refusal" | "form" | "none";
  /**
   * Its output could not be true (ids that do not decode to the text, frames out of order, an end that contradicts what
   * the server knows), or left the form that was asked for. A machine that only died, stalled or refused was not false.
   */
  isFalse?: boolean;
}

/** The attempt that wrote the last tokens. */
export interface FinishedAttempt {
  readonly fence: number;
  readonly workerId: string | null;
  readonly workerName: string;
  readonly tokens: number;
  /** Null where nobody knows, as after a restart. */
  readonly timed: Timed | null;
}
