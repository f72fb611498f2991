/** `Idempotency-Key`: a request repeated with the same key gets the same answer, which is computed and counted once. */
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { jobs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { sameJson } from "../grammar/accepts-value.ts";
import type { JobRequest } from "../db/job-request.ts";
import type { JobInput } from "../jobs/job.ts";
import type { CompletionRequest } from "./parse-request.ts";

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

/** Returns the header's value, or null if absent. @throws {Refusal} invalid_request */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (KEY_FORM.test(header)) return header;
  throw new Refusal("invalid_request", "Idempotency-Key: must be 1 to 255 printable characters without spaces.", {
    param: "Idempotency-Key",
  });
}

/** Keys are scoped per caller. */
export function idempotentJobKey(caller: string, key: string): string {
  return `completion:${caller}:${createHash("sha256").update(key).digest("base64url")}`;
}

/** Rejects a key that was used for another request. Values the server chose (seed, length) may differ. */
export async function checkSameRequest(
  ctx: Pick<Base, "db">,
  job: string,
  input: JobInput,
  asked: CompletionRequest,
): Promise<void> {
  const [stored] = await ctx.db.select({ model: jobs.model, request: jobs.request }).from(jobs).where(eq(jobs.id, job));
  const comparable = (request: JobRequest) => ({
    turns: request.turns,
    constraint: request.constraint,
    stop: request.stop,
    temperature: request.sampling.temperature,
    topP: request.sampling.topP,
    seed: asked.seed === null ? null : request.sampling.seed,
    maxTokens: asked.maxTokens === null ? null : request.maxTokens,
  });
  if (stored?.model === input.model && sameJson(comparable(stored.request), comparable(input))) return;
  const message = "This Idempotency-Key was used for another request; use a new key for each new request.";
  throw new Refusal("conflict", message, { param: "Idempotency-Key" });
}
