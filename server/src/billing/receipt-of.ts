/** A closed bill's receipt. Pure but for the clock. */
import type { Receipt, ReceiptJob, ReceiptLeg } from "@starai/protocol/receipts";
import type { billJobs } from "../db/schema.ts";
import type { BilledEnd } from "../prices/who-pays.ts";
import type { Bill } from "./bill.ts";
import type { MoneyContext } from "./context.ts";
import { legsOf } from "./job-price.ts";
import type { MoneySettings } from "./money-settings.ts";

export interface Closing {
  readonly bill: string;
  readonly end: BilledEnd;
  /** Read before the transaction, which waits for no other connection of its pool. */
  readonly settings: MoneySettings;
}

export type BillJob = typeof billJobs.$inferSelect;

export interface Closed {
  readonly bill: Bill;
  readonly jobs: readonly BillJob[];
  readonly closing: Closing;
}

/** The jobs that stay paid. */
export type Paid = ReadonlySet<string>;

export function receiptOf(
  ctx: Pick<MoneyContext, "catalogue" | "clock">,
  { bill, jobs, closing }: Closed,
  paid: Paid,
): Receipt {
  const paidJobs = jobs.filter(({ job }) => paid.has(job));
  const returned = jobs.filter(({ job, captured }) => captured && !paid.has(job));
  return {
    version: 1,
    id: bill.id,
    kind: bill.kind,
    openedAt: bill.openedAt.toISOString(),
    closedAt: new Date(ctx.clock()).toISOString(),
    model: { id: bill.model, sha256: ctx.catalogue.get(bill.model)?.sha256 ?? "" },
    outcome: closing.end,
    paidWith: bill.paidWith,
    price: bill.price,
    jobs: jobs.map((job) => jobOf(job, paid.has(job.job))),
    amount: String(amountOf(paidJobs)),
    legs: added(paidJobs.flatMap((job) => legsOf(job, bill.price))),
    returned: String(amountOf(returned)),
    bound: bill.bound,
    ...(bill.escrow === null ? {} : { escrow: bill.escrow }),
  };
}

function amountOf(jobs: readonly BillJob[]): bigint {
  return jobs.reduce((sum, { amount }) => sum + amount, 0n);
}

function jobOf(row: BillJob, isPaid: boolean): ReceiptJob {
  const { job, purpose, end, promptTokens, cachedTokens, answerTokens, estimated, amount, shares, elapsedMs } = row;
  const counts = { promptTokens, cachedTokens, answerTokens, estimated };
  return { job, purpose, end, ...counts, amount: String(amount), paid: isPaid, workers: shares, elapsedMs };
}

/** One leg for each receiver. */
function added(legs: readonly ReceiptLeg[]): ReceiptLeg[] {
  const sums = new Map<string, ReceiptLeg>();
  for (const leg of legs) {
    const key = `${leg.to} ${leg.worker ?? ""}`;
    const before = sums.get(key);
    sums.set(key, { ...leg, amount: String(BigInt(leg.amount) + BigInt(before?.amount ?? "0")) });
  }
  return [...sums.values()];
}
