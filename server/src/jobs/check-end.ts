/**
 * Reasons to reject a worker's `done`: a commitment to other ids than it sent, an empty answer, an incomplete form, a length
 * that was not reached. The server checks all four from its own facts.
 */
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import type { Loss } from "./attempt-end.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import { readForm } from "./read-form.ts";

export type DoneFrame = Extract<WorkerFrame, { type: "done" }>;

/** A character cut by the length limit is dropped whole: up to three of its four bytes may have been tokens. */
const TOKENS_LEFT_OUT_MAX = 4;

/** Null when the end is accepted. */
export async function objectionTo(
  ctx: Pick<PoolContext, "follower">,
  job: LiveJob,
  lease: LiveLease,
  { reason, commitment }: DoneFrame,
): Promise<Loss | null> {
  if (isOfOtherIds(lease, commitment)) return fault("its commitment is not of the token ids that it sent");
  if (reason === "length") return lengthObjection(job, lease);
  const form = await readForm(ctx, job);
  // An empty answer satisfies no form, so this comes first.
  if (form === "open") return fault("it ended before the form was whole");
  return job.text === "" || (lease.written === 0 && form !== "whole") ? unlessSaidTwice(job, lease) : null;
}

/** Nothing is stored of it: what it says can be computed from the job's row, and a worker without one is welcome. */
function isOfOtherIds(lease: LiveLease, told: string | undefined): boolean {
  const own = told === undefined ? null : lease.commitment;
  return own !== null && own !== told;
}

function lengthObjection(job: LiveJob, lease: LiveLease): Loss | null {
  if (isLongEnough(job)) return job.text === "" ? unlessSaidTwice(job, lease) : null;
  // A prompt that was only estimated may be longer and have filled the context earlier.
  return job.promptEstimated ? unlessSaidTwice(job, lease) : fault("it said that the length was reached");
}

/** With ids the server counts; without them, a token has at least one byte. */
function isLongEnough(job: LiveJob): boolean {
  const most = job.tokens?.length ?? Buffer.byteLength(job.text);
  return most + TOKENS_LEFT_OUT_MAX >= job.facts.request.maxTokens;
}

/**
 * Ends that the server can neither confirm nor reject: a model may return nothing, or nothing after another machine's
 * beginning. The first worker that reports it is not blamed; another is asked. The end is accepted from a second worker
 * with a record, or from the same worker when there is no other.
 */
function unlessSaidTwice(job: LiveJob, { record }: LiveLease): Loss | null {
  const at = job.text.length;
  const saidBefore = job.endSaidAt.get(record) === at;
  const isSecond = record.proven && [...job.endSaidAt.values()].includes(at);
  if (isSecond || saidBefore) return null;
  job.endSaidAt.set(record, at);
  return { end: at === 0 ? "an empty answer" : "an end nobody else has told yet", blame: "none" };
}

function fault(words: string): Loss {
  return { end: `false end: ${words}`, blame: "fault", isFalse: true };
}
