/** How one attempt at a job ended. */

/**
 * Why a lease was lost: a word for the attempt's row, and what it says of the worker. A `fault` is its own doing; a
 * `refusal` is a lease it had room for and did not want or begin; `form` is an engine that cannot be held to the form, and
 * may be good for everything else; `none` is ours, or nobody's.
 */
export interface Loss {
  end: string;
  blame: "fault" | "refusal" | "form" | "none";
}

/** The attempt whose words were the last ones. */
export interface FinishedAttempt {
  readonly fence: number;
  readonly workerId: string | null;
  readonly workerName: string;
  readonly tokens: number;
}
