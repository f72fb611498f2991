/** Messages between the server and its form thread. Both have the same version, so they are not parsed. */

export interface FormQuestion {
  id: number;
  job: string;
  /** UTF-16 units committed before `added`. */
  at: number;
  added: string;
  /** Sent when the thread asked for it: the grammar, and everything before `added`. */
  whole?: { gbnf: string; before: string };
}

/** The job has ended: its state can be dropped. */
export interface FormEnd {
  ended: string;
}

export type FormAnswer =
  /** All of it fits; `canEnd` says whether the text may end here. */
  | { id: number; kind: "fits"; canEnd: boolean }
  /** Only the first `at` units of what was added fit. */
  | { id: number; kind: "breaks"; at: number }
  /** What was committed before does not fit: the fault is older than `added`. */
  | { id: number; kind: "broken_before" }
  /** The job is not remembered up to this place: ask again with `whole`. */
  | { id: number; kind: "unknown_job" }
  /** The grammar cannot be followed; nothing is known about the text. */
  | { id: number; kind: "not_followed"; why?: string };
