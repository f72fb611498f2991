/**
 * `Idempotency-Key`: a request repeated with the same key within a day gets the same answer, which is computed and
 * counted once. One that failed and cost nothing runs again.
 */
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { jobs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { sameJson } from "../grammar/accepts-value.ts";
import type { JobRequest } from "../db/job-request.ts";
import type { JobInput } from "../jobs/job.ts";
import type { ApiKey } from "./api-keys.ts";
import type { CompletionRequest } from "./parse-request.ts";

const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

/** As at OpenAI and Stripe: who retries does so within minutes. Jobs themselves are kept longer. */
const KEPT_HOURS = 24;

/** Returns the header's value, or null if absent. @throws {Refusal} invalid_request */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (KEY_FORM.test(header)) return header;
  throw new Refusal("invalid_request", "Idempotency-Key: must be 1 to 255 printable characters without spaces.", {
    param: "Idempotency-Key",
  });
}

/**
 * Whose a request's jobs are: a person's with any of their keys, so that an answer is found again after a key was
 * replaced, and one person has one share of the pool; or those of a key of the house.
 */
export function ownerOfJobs({ id, owner }: Pick<ApiKey, "id" | "owner">): string {
  return owner === null ? `key:${id}` : `person:${owner}`;
}

/**
 * The job's key for this Idempotency-Key of this caller at this endpoint. A key of the house is in it without the word
 * before its id, as in jobs stored before people had keys.
 */
export function idempotentJobKey(caller: Pick<ApiKey, "id" | "owner">, key: string): string {
  const scope = caller.owner === null ? caller.id : ownerOfJobs(caller);
  return `completion:${scope}:${createHash("sha256").update(key).digest("base64url")}`;
}

/**
 * Frees a job's key whose work nobody paid for and nobody got, and one older than a day: the next request under it runs
 * again. The old row stays under another key. Of requests that come at once one frees it, and all of them then attach
 * to one new job, as `submitJob` makes one of each key.
 *
 * A job whose output left its form is `done` and failed all the same: its bill says so. While a bill is open it is not
 * known what it costs.
 */
export async function freeJobKey({ pg }: Pick<Base, "pg">, key: string): Promise<void> {
  await pg.query(
    `update jobs j set key = j.key || ':freed:' || j.id
     where j.key = $1 and j.state in ('done', 'failed', 'cancelled') and (
       j.created_at < now() - make_interval(hours => ${KEPT_HOURS})
       or not exists (select from bills b where b.id = j.bill) and j.state <> 'done'
       or exists (select from bills b where b.id = j.bill and b.closed_at is not null and b.amount = 0
           and (j.state <> 'done' or b.receipt::jsonb->>'outcome' = 'failed')))`,
    [key],
  );
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
