/** Failed runs that can be resumed. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { Outcome } from "@starai/protocol/runs";

/** Codes of failures that a retry may overcome; the others would repeat. */
const RESUMABLE: readonly ErrorCode[] = ["interrupted", "no_worker", "queue_full", "attempts_exhausted", "deadline"];

export function isResumable(outcome: Outcome | null): boolean {
  return outcome?.kind === "failed" && RESUMABLE.includes(outcome.code);
}
