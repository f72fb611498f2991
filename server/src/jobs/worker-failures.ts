/** Decides what a worker's `fail` frame means for its job: try elsewhere, or fail it because it would fail everywhere. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import type { Loss } from "./attempt-end.ts";
import type { LiveJob } from "./live-job.ts";
import { readForm } from "./read-form.ts";

export type FailureVerdict =
  | { kind: "moves"; blame: Loss["blame"] }
  | { kind: "ends"; code: ErrorCode; message: string };

type Parts = Pick<PoolContext, "vocabularies" | "follower">;

/**
 * A failure that would repeat anywhere ends the job, but only if the server verifies it itself, never on a worker's word.
 * A failure it cannot verify moves the job.
 */
export async function judgeFailure(
  ctx: Parts,
  job: LiveJob,
  { frame, sendsIds }: { frame: WorkerFrame & { type: "fail" }; sendsIds: boolean },
): Promise<FailureVerdict> {
  switch (frame.code) {
    case "busy":
      return { kind: "moves", blame: "refusal" };
    case "shutting_down":
      // The worker reports this for every lease it holds, and gets no others (see FrameCommitter).
      return { kind: "moves", blame: "none" };
    case "engine_crashed":
    case "engine_stalled":
    case "out_of_memory":
    case "model_missing":
      return { kind: "moves", blame: "fault" };
    case "context_overflow":
      // A lease goes only to a worker whose declared context fits prompt and answer; an estimated prompt may be longer.
      return { kind: "moves", blame: job.promptEstimated ? "none" : "fault" };
    case "constraint_refused":
      return judgeRefusedForm(ctx, job, sendsIds);
  }
}

/** An engine without ids gets the schema itself and may not support all of it; one with ids gets our grammar. */
async function judgeRefusedForm(ctx: Parts, job: LiveJob, sendsIds: boolean): Promise<FailureVerdict> {
  const { constraint } = job.facts.request;
  if (!constraint) return { kind: "moves", blame: "fault" };
  const vocabulary = await ctx.vocabularies.open(job.facts.model.id);
  if (!vocabulary) return { kind: "moves", blame: "none" };
  const grammarFault = await vocabulary.checkGrammar(constraint.gbnf).catch(() => "unknown" as const);
  if (grammarFault === "unknown") return { kind: "moves", blame: "none" };
  if (grammarFault !== null)
    return {
      kind: "ends",
      code: "unsupported_schema",
      message: "The engine cannot hold an answer to this form; simplify the schema.",
    };
  return { kind: "moves", blame: (await readForm(ctx, job)) === "unknown" ? "none" : sendsIds ? "fault" : "form" };
}
