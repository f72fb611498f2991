/** How one attempt at a job ended. */

/**
 * Why a lease was lost: a word for the attempt's row, and what counts against the worker. `fault`: the worker caused it;
 * `refusal`: it had room for the lease and did not start it; `form`: its engine cannot follow this grammar, though it may
 * serve everything else; `none`: the server or nobody caused it.
 */
export interface Loss {
  end: string;
  blame: "fault" | "refusal" | "form" | "none";
}

/** The attempt that wrote the last tokens. */
export interface FinishedAttempt {
  readonly fence: number;
  readonly workerId: string | null;
  readonly workerName: string;
  readonly tokens: number;
}
