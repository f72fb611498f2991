/**
 * Who pays for a job, by how its answer ended. A person pays for what they got; for an answer that failed they pay
 * nothing, and the house pays its workers out of a loss account, because the failure was not theirs.
 */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { Outcome } from "@starai/protocol/runs";
import type { FinishReason } from "@starai/protocol/worker-frames";

/**
 * Each end, and who pays the workers. `payer`: the one who asked pays for every delivered token, workers get their
 * shares of it and the house its fee. `loss`: the one who asked pays nothing, and steps already captured come back;
 * workers get the same shares from the house, as far as what was set aside reaches.
 */
export const WHO_PAYS = {
  answered: "payer",
  asked: "payer",
  /** By the person, or because the client went away. */
  stopped: "payer",
  /** The person deleted the conversation while its answer was written. */
  deleted: "payer",
  /** The answer is as long as it may be. */
  length: "payer",
  /** Deadline, attempts, step cap, a form left, a fault of ours: anything that kept the answer from its end. */
  failed: "loss",
} as const satisfies Record<string, "payer" | "loss">;
export type BilledEnd = keyof typeof WHO_PAYS;

/**
 * How an agent's answer ended. One that grew longer than fits was read all the same: were it free, everybody could ask
 * for answers of that kind.
 * @param answer  what was written of it
 */
export function endOfRun(outcome: Outcome, answer: string): BilledEnd {
  if (outcome.kind !== "failed") return outcome.kind;
  return outcome.code === "output_truncated" && answer !== "" ? "length" : endOfFailure(outcome.code);
}

/** How a single job ended, as one of `/v1` does. */
export function endOfJob(
  end: { kind: "done"; finishReason: FinishReason } | { kind: "failed"; code: ErrorCode },
): BilledEnd {
  if (end.kind === "failed") return endOfFailure(end.code);
  return end.finishReason === "length" ? "length" : "answered";
}

function endOfFailure(code: ErrorCode): BilledEnd {
  if (code === "cancelled") return "stopped";
  // An answer ends as not found only when its conversation is gone.
  return code === "not_found" ? "deleted" : "failed";
}
