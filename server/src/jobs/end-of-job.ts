/** The end of a job and what it costs are one transaction: there is no moment at which one is stored and the other not. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import { chargeJob } from "../billing/charge-job.ts";
import { closeBill } from "../billing/close-bill.ts";
import { findBill } from "../billing/open-bill.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { PoolContext } from "../pool/context.ts";
import { endOfJob } from "../prices/who-pays.ts";
import type { BilledEnd } from "../prices/who-pays.ts";
import type { JobResult } from "./job.ts";
import { failRow, finishRow } from "./job-rows.ts";
import type { LastAttempt } from "./job-rows.ts";
import type { LiveJob } from "./live-job.ts";

/** False when another server ended it or has its lease. */
export async function finishJob(
  ctx: PoolContext,
  job: LiveJob,
  done: { last: LastAttempt; result: JobResult },
): Promise<boolean> {
  const { bill } = job.facts;
  if (bill === null) return finishRow(ctx.pg, job, done);
  const { finishReason } = done.result;
  const end = { bill, code: "done", billed: endOfJob({ kind: "done", finishReason }) };
  return endWithBill(ctx, job, { ...end, write: ({ client }) => finishRow(client, job, done) });
}

/** False when it had ended before. */
export async function failJob(
  ctx: PoolContext,
  job: LiveJob,
  failure: { state: "failed" | "cancelled"; code: ErrorCode; message: string },
): Promise<boolean> {
  const { bill } = job.facts;
  if (bill === null) return failRow(ctx.pg, job, failure);
  const end = { bill, code: failure.code, billed: endOfJob({ kind: "failed", code: failure.code }) };
  return endWithBill(ctx, job, { ...end, write: ({ client }) => failRow(client, job, failure) });
}

interface End {
  readonly bill: string;
  readonly code: string;
  /** How a request ends by this; an answer goes on or ends with its run. */
  readonly billed: BilledEnd;
  readonly write: (open: MoneyTransaction) => Promise<boolean>;
}

async function endWithBill(ctx: PoolContext, job: LiveJob, { bill, code, billed, write }: End): Promise<boolean> {
  // Read before the transaction, which must not wait for another connection of its pool.
  const settings = await ctx.settings.now();
  const isRequest = (await findBill(ctx.db, bill))?.kind === "request";
  return moneyTransaction(ctx.pg, async (open) => {
    if (!(await write(open))) return false;
    await chargeJob(ctx, open, {
      job: job.facts.id,
      bill,
      end: code,
      promptTokens: job.facts.promptTokens,
      cachedTokens: job.cachedTokens,
      answerTokens: job.completionTokens,
      estimated: job.estimated,
      elapsedMs: ctx.monotonic() - job.facts.submittedAt,
    });
    // The ledger is asked once more: within this transaction everything it locks is locked already.
    if (isRequest) await closeBill(ctx, open, { bill, end: billed, settings });
    return true;
  });
}
