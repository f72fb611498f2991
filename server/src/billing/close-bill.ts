/**
 * Closes a bill, in the transaction that ends its answer or request: what was delivered is paid, or everything comes
 * back, the rest of the hold is free again, its workers get their credit notes, and the receipt is written and signed. A
 * closed bill stays as it is.
 */
import { eq } from "drizzle-orm";
import type { RunBill } from "@starai/protocol/receipts";
import { billJobs, bills } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Operation, Outcome } from "../ledger/rules/operation.ts";
import { WHO_PAYS } from "../prices/who-pays.ts";
import { receiptText } from "../receipts/receipt-text.ts";
import { assetOf } from "./bill.ts";
import { captureOf, lockOpenBill } from "./charge-job.ts";
import type { MoneyContext } from "./context.ts";
import { houseAccounts } from "./house-accounts.ts";
import { legsOf } from "./job-price.ts";
import { ledgerKey } from "./ledger-key.ts";
import { writeNotes } from "./credit-notes.ts";
import { effectsOf, lossOperations } from "./losses.ts";
import { moneyTransaction } from "./money-transaction.ts";
import type { MoneyTransaction } from "./money-transaction.ts";
import { receiptOf } from "./receipt-of.ts";
import type { Closed, Closing, Paid } from "./receipt-of.ts";
import { settleFree } from "./settle-free.ts";

/** Closes it by itself, where what it was for is gone or never came to be. */
export async function closeBillAlone(ctx: MoneyContext, closing: Omit<Closing, "settings">): Promise<RunBill | null> {
  const settings = await ctx.settings.now();
  return moneyTransaction(ctx.pg, (open) => closeBill(ctx, open, { ...closing, settings }));
}

/** Call it after the other rows of the transaction are written. Null: there is no such bill, or it is closed. */
export async function closeBill(ctx: MoneyContext, open: MoneyTransaction, closing: Closing): Promise<RunBill | null> {
  const bill = await lockOpenBill(open, closing.bill);
  if (bill === null) return null;
  const jobs = await open.tx.select().from(billJobs).where(eq(billJobs.bill, bill.id)).orderBy(billJobs.endedAt);
  const closed: Closed = { bill, jobs, closing };
  const paid = await settle(ctx, open, closed);
  const freeLeft = bill.paidWith === "free" ? await settleFree(ctx, open, closed) : null;
  const amount = await storeReceipt(ctx, open, { closed, paid });
  return { paidWith: bill.paidWith, amount: String(amount), bound: bill.bound, freeLeft };
}

async function settle(ctx: MoneyContext, open: MoneyTransaction, closed: Closed): Promise<Paid> {
  const { bill, jobs, closing } = closed;
  const asset = assetOf(bill);
  if (asset === null) return new Set();
  const isPaid = WHO_PAYS[closing.end] === "payer";
  // A repaired step was settled, and its workers have their notes, when it was asked for again.
  const steps = jobs.filter(({ purpose }) => purpose === "step");
  const operations = isPaid
    ? [...(await lastCaptures(ctx, closed)), ...(await reserveOf(ctx, closed))]
    : await lossOperations(ctx, { asset, jobs: steps });
  const all = [...operations, { verb: "release", hold: bill.id } as const];
  const outcomes = await applyOperations(open.client, all, { halted: ctx.ledger.halted });
  const done = all.filter((_, at) => isDone(outcomes[at]!));
  const refused = all.filter((one) => !done.includes(one) && one.verb !== "move");
  if (refused.length > 0)
    ctx.log.error({ bill: bill.id, refused: refused.map(({ verb }) => verb) }, "the ledger refused a bill's last step");
  await writeNotes(ctx, open, steps.flatMap(effectsOf));
  const captured = new Set(done.flatMap((one) => (one.verb === "capture" ? [one.key] : [])));
  const returned = new Set(done.flatMap((one) => (one.verb === "reverse" ? [one.of] : [])));
  const paid = jobs.filter(({ job, captured: before }) => (before || captured.has(job)) && !returned.has(job));
  return new Set(paid.map(({ job }) => job));
}

const isDone = ({ kind }: Outcome): boolean => kind === "done" || kind === "again";

/** What a stopped answer had delivered when it was stopped. */
async function lastCaptures(ctx: MoneyContext, { bill, jobs }: Closed): Promise<Operation[]> {
  const captures = jobs
    .filter(({ captured, purpose }) => !captured && purpose === "step")
    .map((price) => captureOf(ctx, { bill, job: price.job, price }, "loss"));
  return (await Promise.all(captures)).filter((one) => one !== null);
}

/** What its steps set aside for losses may be spent now: it will not be asked back. */
async function reserveOf(ctx: MoneyContext, { bill, jobs }: Closed): Promise<Operation[]> {
  const asset = assetOf(bill);
  if (asset === null || bill.kind === "request") return [];
  const legs = jobs.filter(({ captured }) => captured).flatMap((job) => legsOf(job, bill.price));
  const amount = legs.reduce((sum, leg) => sum + (leg.to === "loss_reserve" ? BigInt(leg.amount) : 0n), 0n);
  if (amount === 0n) return [];
  const { pending, loss } = await houseAccounts(ctx.ledger, asset);
  return [{ verb: "move", key: ledgerKey("reserve", bill.id), from: pending, to: loss, amount, kind: "loss_reserve" }];
}

async function storeReceipt(
  ctx: MoneyContext,
  { tx }: MoneyTransaction,
  { closed, paid }: { closed: Closed; paid: Paid },
): Promise<bigint> {
  const receipt = receiptOf(ctx, closed, paid);
  const text = receiptText(receipt);
  const { key, signature } = ctx.signer.sign(text);
  const amount = BigInt(receipt.amount);
  await tx
    .update(bills)
    .set({ closedAt: new Date(receipt.closedAt), amount, receipt: text, receiptKey: key, signature })
    .where(eq(bills.id, receipt.id));
  await tx.delete(billJobs).where(eq(billJobs.bill, receipt.id));
  return amount;
}
