/** Submits a chat completion to the pool and returns it as OpenAI objects, whole or as a stream of chunks. */
import { createHash, randomUUID } from "node:crypto";
import { Refusal } from "../errors.ts";
import { storableTurns } from "../jobs/check-input.ts";
import type { JobHandle, JobInput, JobUsage } from "../jobs/job.ts";
import { isKnown, submitJob } from "../jobs/submit-job.ts";
import { findModel } from "../pool/find-model.ts";
import { answerTokens } from "./answer-tokens.ts";
import type { GatewayContext } from "./context.ts";
import type { ApiKey } from "./api-keys.ts";
import { ownerOfJobs, checkSameRequest, freeJobKey, idempotentJobKey } from "./idempotency.ts";
import type { AnswerDelta } from "./answer-reader.ts";
import { billRequest } from "./bill-request.ts";
import { CompletionObjects } from "./completion-objects.ts";
import type { ChatChunk, ChatCompletion } from "./completion-objects.ts";
import type { CompletionRequest } from "./parse-request.ts";
import { planAnswer } from "./plan-answer.ts";
import type { AnswerPlan } from "./plan-answer.ts";

/** Default temperature: small quantised models ramble at the official default of 1. */
const TEMPERATURE = 0.7;
const SEEDS = 2 ** 32;

export interface Completion {
  handle: JobHandle;
  plan: AnswerPlan;
  objects: CompletionObjects;
  /** A job with an Idempotency-Key continues after its client disconnects: the client may request the answer again. */
  cancelWithClient: boolean;
  /** Counts the answer as served; called once, when it is complete. */
  served: () => void;
}

/**
 * @throws {Refusal} whatever submitJob refuses, unsupported_schema, conflict for a reused Idempotency-Key
 */
export async function startCompletion(
  ctx: GatewayContext,
  caller: ApiKey,
  request: CompletionRequest,
  idempotencyKey: string | null,
): Promise<Completion> {
  const model = findModel(ctx, request.model);
  const owner = ownerOfJobs(caller);
  const key = idempotencyKey === null ? `completion:${randomUUID()}` : idempotentJobKey(caller, idempotencyKey);
  if (idempotencyKey !== null) await freeJobKey(ctx, key);
  // The place is taken before any other work. A repeated request needs none: its job exists already.
  using place = idempotencyKey !== null && (await isKnown(ctx, key)) ? undefined : ctx.queue.places.take(owner);
  const plan = await planAnswer({ forms: ctx.forms, owner }, request);
  const turns = storableTurns(plan.turns);
  const { maxTokens, counted } = await answerTokens(ctx, { model, owner, turns, asked: request.maxTokens });
  const input: JobInput = {
    key,
    owner,
    model: model.id,
    turns,
    constraint: plan.constraint,
    sampling: {
      // The smallest top_p leaves only the likeliest token, which is what temperature 0 selects.
      temperature: request.topP === 0 ? 0 : (request.temperature ?? TEMPERATURE),
      topP: request.topP === 0 ? 1 : (request.topP ?? 1),
      seed: request.seed === null ? Math.floor(ctx.random() * SEEDS) : ((request.seed % SEEDS) + SEEDS) % SEEDS,
    },
    maxTokens,
    stop: plan.stop,
    cacheKey: cacheKeyOf(owner, plan),
    deadlineMs: ctx.config.limits.jobDeadlineMs,
    bill: null,
  };
  const openBill = (input: Required<JobInput>, promptTokens: number) =>
    billRequest(ctx, { caller, model, namedLength: request.maxTokens !== null }, { input, promptTokens });
  const handle = await submitJob(ctx, input, { place, counted, openBill });
  if (idempotencyKey !== null) await checkSameRequest(ctx, handle.id, input, request);
  const objects = new CompletionObjects({
    job: handle.id,
    model,
    createdAt: ctx.clock(),
    includeUsage: request.includeUsage,
  });
  const served = () => ctx.registry.countAnswer();
  return { handle, plan, objects, cancelWithClient: idempotencyKey === null, served };
}

/** Waits for the whole answer. @throws {Refusal} when the job failed or its output does not fit the form */
export async function wholeCompletion({ handle, plan, objects, served }: Completion): Promise<ChatCompletion> {
  const result = await handle.result();
  const reader = plan.reader();
  const deltas = reader.push(result.text);
  const { deltas: rest, end } = await reader.finish(result.finishReason);
  served();
  return objects.whole([...deltas, ...rest], end, result.usage);
}

/** Yields a streamed answer in chunks. @throws {Refusal} after some chunks, when the job fails or breaks the form */
export async function* completionChunks({ handle, plan, objects, served }: Completion): AsyncGenerator<ChatChunk> {
  const reader = plan.reader();
  yield objects.first();
  for await (const event of handle.events()) {
    if (event.kind === "text") yield* chunksOf(objects, await readOrCancel(handle, () => reader.push(event.text)));
    if (event.kind === "failed") throw new Refusal(event.code, event.message);
    if (event.kind !== "done") continue;
    const { deltas, end } = await reader.finish(event.result.finishReason);
    served();
    yield* chunksOf(objects, deltas);
    yield objects.last(end);
    yield* usageChunks(objects, event.result.usage);
  }
}

function* chunksOf(objects: CompletionObjects, deltas: readonly AnswerDelta[]): Generator<ChatChunk> {
  for (const delta of deltas) yield objects.delta(delta);
}

function* usageChunks(objects: CompletionObjects, usage: JobUsage): Generator<ChatChunk> {
  const chunk = objects.usage(usage);
  if (chunk !== null) yield chunk;
}

/** Cancels the job when its output breaks the grammar, since it cannot recover. */
async function readOrCancel<T>(handle: JobHandle, read: () => T): Promise<T> {
  try {
    return read();
  } catch (error) {
    await handle.cancel("the output left the form that was asked for", "output_invalid");
    throw error;
  }
}

/** Requests of one conversation share their beginning: the system text and the first question identify it. */
function cacheKeyOf(owner: string, plan: AnswerPlan): string {
  const beginning = plan.turns.slice(0, 2).map((turn) => turn.content);
  return `api:${createHash("sha256")
    .update(JSON.stringify([owner, ...beginning]))
    .digest("base64url")}`;
}
