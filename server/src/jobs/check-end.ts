/**
 * What speaks against a worker's `done`: an answer that is not there, a form that is not whole, a length that was not
 * reached. The server knows all three for itself.
 */
import type { FinishReason } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import type { Loss } from "./attempt-end.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import { readForm } from "./read-form.ts";

/** A character that the length cuts in half is left out whole: up to three of its four bytes were tokens. */
const TOKENS_LEFT_OUT_MAX = 4;

/** Null when nothing does. */
export async function objectionTo(
  ctx: Pick<PoolContext, "follower">,
  job: LiveJob,
  lease: LiveLease,
  reason: FinishReason,
): Promise<Loss | null> {
  if (reason === "length") return lengthObjection(job, lease);
  const form = await readForm(ctx, job);
  // No form is kept by nothing, so this comes first.
  if (form === "open") return fault("it ended before the form was whole");
  return job.text === "" || (lease.tokens === 0 && form !== "whole") ? unlessSaidTwice(job, lease) : null;
}

function lengthObjection(job: LiveJob, lease: LiveLease): Loss | null {
  if (isLongEnough(job)) return job.text === "" ? unlessSaidTwice(job, lease) : null;
  // A prompt that was only estimated may be longer and have met the context's end before.
  return job.promptEstimated ? unlessSaidTwice(job, lease) : fault("it said that the length was reached");
}

/** With ids the server counts; without them, a token has at least one byte. */
function isLongEnough(job: LiveJob): boolean {
  const most = job.tokens?.length ?? Buffer.byteLength(job.text);
  return most + TOKENS_LEFT_OUT_MAX >= job.facts.request.maxTokens;
}

/**
 * For ends that no fact of the server's speaks for or against. A model may have nothing to say, or nothing more after what
 * another machine began, so the first to tell is not blamed yet: another is asked. It is believed of a second worker with a
 * record, and of one that is asked again because there is no other.
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
  return { end: `false end: ${words}`, blame: "fault" };
}
