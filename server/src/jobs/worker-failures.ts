/** What a worker's `fail` frame means for its job: try elsewhere, or give up because it would fail everywhere. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";

export type FailureVerdict = { kind: "moves"; fault: boolean } | { kind: "ends"; code: ErrorCode; message: string };

/**
 * Failures that would repeat anywhere end the job, but not on one worker's word: what the server can check for
 * itself it checks, so that a lying worker cannot end jobs.
 */
export async function judgeFailure(
  ctx: Pick<AppContext, "vocabularies">,
  job: LiveJob,
  lease: LiveLease,
  frame: WorkerFrame & { type: "fail" },
): Promise<FailureVerdict> {
  switch (frame.code) {
    case "busy":
    case "shutting_down":
      return { kind: "moves", fault: false };
    case "engine_crashed":
    case "engine_stalled":
    case "out_of_memory":
    case "model_missing":
      return { kind: "moves", fault: true };
    case "context_overflow":
      if (fits(job, lease)) return { kind: "moves", fault: true };
      return {
        kind: "ends",
        code: "context_overflow",
        message: "The conversation is longer than this model can read; make it shorter.",
      };
    case "constraint_refused":
      if (await grammarIsGood(ctx, job)) return { kind: "moves", fault: true };
      return {
        kind: "ends",
        code: "unsupported_schema",
        message: "The engine cannot hold an answer to this form; simplify the schema.",
      };
  }
}

/** Whether prompt and answer fit into the context this worker told. */
function fits(job: LiveJob, lease: LiveLease): boolean {
  const served = lease.session?.facts.models.find((model) => model.id === job.facts.model.id);
  return served !== undefined && job.facts.promptTokens + job.facts.request.maxTokens <= served.contextTokens;
}

async function grammarIsGood(ctx: Pick<AppContext, "vocabularies">, job: LiveJob): Promise<boolean> {
  const vocabulary = await ctx.vocabularies.open(job.facts.model.id);
  const { constraint } = job.facts.request;
  if (!vocabulary || !constraint) return false;
  return vocabulary.checkGrammar(constraint.gbnf).then(
    (fault) => fault === null,
    () => false,
  );
}
