/** Why a lease ended, as one of a few words: the end in an attempt's row may quote what a worker said. */
import { ERROR_CODES } from "@starai/protocol/error-codes";

const LOST = [
  "an_empty_answer",
  "an_end_nobody_else_has_told_yet",
  "busy",
  "connection_closed",
  "constraint_refused",
  "context_overflow",
  "engine_crashed",
  "engine_stalled",
  "false_end",
  "false_frame",
  "group_ended",
  "internal",
  "lease_not_written",
  "model_missing",
  "out_of_memory",
  "out_of_order",
  "overtaken",
  "replaced",
  "shutting_down",
  "stalled",
  "too_slow",
  "vocabulary_unavailable",
];
const KNOWN: ReadonlySet<string> = new Set([...LOST, ...ERROR_CODES, "abandoned", "done"]);

/** The word before an end's first colon, if it is one of ours. */
export function leaseReason(end: string): string {
  const word = (end.split(":", 1)[0] ?? "").replaceAll(" ", "_");
  return KNOWN.has(word) ? word : "other";
}
