/** Messages between the server and its form thread. Both run the same version, so messages are not validated. */

export interface FormQuestion {
  id: number;
  job: string;
  /** UTF-16 units committed before `added`. */
  at: number;
  added: string;
  /** The grammar and everything before `added`; sent after an `unknown_job`. */
  whole?: { gbnf: string; before: string };
}

/** The job has ended: its state can be dropped. */
export interface FormEnd {
  ended: string;
}

export type FormAnswer =
  /** All of `added` fits; `canEnd` says whether the text may end here. */
  | { id: number; kind: "fits"; canEnd: boolean }
  /** Only the first `at` UTF-16 units of `added` fit. */
  | { id: number; kind: "breaks"; at: number }
  /** The text before `added` does not fit. */
  | { id: number; kind: "broken_before" }
  /** The thread has not read this job up to `at`: ask again with `whole`. */
  | { id: number; kind: "unknown_job" }
  /** The grammar cannot be followed, so the text is not checked. */
  | { id: number; kind: "not_followed"; why?: string };
