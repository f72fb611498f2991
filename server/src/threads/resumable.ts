/** Which failed runs are worth going on with. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { Outcome } from "@starai/protocol/runs";

/** Trying these again can end differently; the other failures would repeat themselves. */
const RESUMABLE: readonly ErrorCode[] = ["interrupted", "no_worker", "queue_full", "attempts_exhausted", "deadline"];

export function isResumable(outcome: Outcome | null): boolean {
  return outcome?.kind === "failed" && RESUMABLE.includes(outcome.code);
}
