/** Submits one model call to the pool. */
import { eq } from "drizzle-orm";
import { closeBillAlone } from "../billing/close-bill.ts";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { jobs, workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { PoolContext } from "../pool/context.ts";
import { findModel, onlineNow } from "../pool/find-model.ts";
import { nobodyMessage } from "../pool/nobody-message.ts";
import type { Place } from "./admission.ts";
import type { JobContext } from "./context.ts";
import { handleOf } from "./job-handle.ts";
import type { JobHandle, JobInput } from "./job.ts";
import { findJobByKey, insertJob } from "./job-rows.ts";
import { checkInput } from "./check-input.ts";
import { countPrompt } from "./count-prompt.ts";
import type { PromptCount } from "./count-prompt.ts";
import type { LiveJob } from "./live-job.ts";
import { askerOf, restoreJob } from "./restore-job.ts";

/** A job may wait for a model whose last worker left this recently: machines and this server restart. */
const WORKER_GRACE_MS = 30_000;

/** Results the caller already has, so that they are not computed again. */
export interface DoneBefore {
  /** A place in the queue; without it a new job takes one. */
  place?: Place | undefined;
  /** Token count of the same turns, as stored. */
  counted?: PromptCount | null;
  /** Opens the bill of a request, once it is certain that a new job is made of it; returns the job as it may be done. */
  openBill?: (input: Required<JobInput>, promptTokens: number) => Promise<Required<JobInput>>;
}

/**
 * Queues one model call and returns its handle. A second call with the same key attaches to the
 * same job, running or finished, and reads its text from the start.
 * @throws {Refusal} invalid_request, model_not_found, context_overflow, no_worker, queue_full, conflict
 */
export async function submitJob(ctx: JobContext, input: JobInput, done: DoneBefore = {}): Promise<JobHandle> {
  const job = await ctx.queue.once(
    input.key,
    async () => (await findJob(ctx, input.key)) ?? (await newJob(ctx, input, done)),
  );
  if (job.facts.owner !== input.owner) {
    throw new Refusal("conflict", "This key names somebody else's job; choose another key.", { param: "key" });
  }
  return handleOf(job, (reason, code) => ctx.queue.cancel(job, reason, code));
}

/** Whether a job of this key exists, so that a request for it needs no place in the queue. */
export async function isKnown(ctx: JobContext, key: string): Promise<boolean> {
  if (ctx.queue.find(key)) return true;
  const rows = await ctx.db.select({ id: jobs.id }).from(jobs).where(eq(jobs.key, key));
  return rows.length > 0;
}

async function newJob(ctx: JobContext, unchecked: JobInput, done: DoneBefore): Promise<LiveJob> {
  using _ = done.place ?? ctx.queue.places.take(unchecked.owner, unchecked);
  const input = checkInput(unchecked, ctx.config.limits);
  const model = findModel(ctx, input.model);
  checkWorkers(ctx, model, input);
  const counted = done.counted ?? (await countPrompt(ctx, { model, owner: input.owner, turns: input.turns }));
  checkContext(ctx, model, counted.promptTokens + input.maxTokens);
  const deadlineAt = new Date(ctx.clock() + input.deadlineMs);
  const billed = (await done.openBill?.(input, counted.promptTokens)) ?? input;
  const nobody = nobodyMessage(ctx, model.id, { job: askerOf(billed), withinMs: WORKER_GRACE_MS });
  if (nobody !== null) {
    await giveUp(ctx, done, billed);
    throw new Refusal("no_worker", nobody, { param: "model", retryAfterS: 10 });
  }
  const row = await insertJob(ctx, billed, { ...counted, deadlineAt }).catch(async (error: unknown) => {
    await giveUp(ctx, done, billed);
    throw error;
  });
  if (!row) {
    await giveUp(ctx, done, billed);
    throw new Refusal("conflict", "This answer is being written already; ask for it again in a moment.");
  }
  const job = restoreJob(ctx, row, model);
  ctx.queue.enqueue(job);
  return job;
}

/** No job was made, so the bill that was opened for it costs nothing. A crash before this leaves it to the sweep. */
async function giveUp(ctx: JobContext, { openBill }: DoneBefore, { bill }: JobInput): Promise<void> {
  if (openBill === undefined || bill === null) return;
  await closeBillAlone(ctx, { bill, end: "failed" }).catch((error: unknown) => {
    ctx.log.warn({ err: error, bill }, "a bill without a job could not be closed; the next sweep does it");
  });
}

/** The job of a key, live or read from its row; null if there is none. */
async function findJob(ctx: JobContext, key: string): Promise<LiveJob | null> {
  const live = ctx.queue.find(key);
  if (live) return live;
  const row = await findJobByKey(ctx, key);
  const model = row && ctx.catalogue.get(row.model);
  if (!row || !model || row.state === "leased") return null;
  if (row.state === "queued") {
    await ctx.queue.takeUp(row);
    return findJob(ctx, key);
  }
  return restoreJob(ctx, row, model, row.workerId ? await workerName(ctx, row.workerId) : "");
}

async function workerName(ctx: PoolContext, id: string): Promise<string> {
  const [row] = await ctx.db.select({ name: workers.name }).from(workers).where(eq(workers.id, id));
  return row?.name ?? "";
}

function checkContext(ctx: PoolContext, model: CatalogueModel, tokens: number): void {
  const most = ctx.registry.contextOf(model);
  if (tokens <= most) return;
  const message = `${model.id}'s maximum context length is ${most} tokens, and prompt and answer together need ${tokens}; send less, or ask for a shorter answer.`;
  throw new Refusal("context_overflow", message, { param: "messages" });
}

function checkWorkers(ctx: PoolContext, model: CatalogueModel, input: JobInput): void {
  const online = ctx.registry.statusOf(model.id);
  if (online && (online.constrains || !input.constraint)) return;
  if (!online && ctx.registry.servedWithin(model.id, WORKER_GRACE_MS)) return;
  const why = online ? `No worker can hold ${model.id} to a form right now` : `No worker serves ${model.id} right now`;
  throw new Refusal("no_worker", `${why}; ${onlineNow(ctx)}.`, { param: "model", retryAfterS: 10 });
}
