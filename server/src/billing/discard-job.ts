/** A step whose output could not be used is made again, and the first try is not its person's bill. */
import { eq } from "drizzle-orm";
import { billJobs } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import { assetOf } from "./bill.ts";
import { lockOpenBill } from "./charge-job.ts";
import type { MoneyContext } from "./context.ts";
import { writeNotes } from "./credit-notes.ts";
import { effectsOf, lossOperations } from "./losses.ts";
import { moneyTransaction } from "./money-transaction.ts";

/** Gives its price back into the hold and pays its workers from the losses. Once, however often it is called. */
export function discardJob(ctx: MoneyContext, { bill: id, job }: { bill: string; job: string }): Promise<void> {
  return moneyTransaction(ctx.pg, async (open) => {
    const bill = await lockOpenBill(open, id);
    const [row] = await open.tx.select().from(billJobs).where(eq(billJobs.job, job));
    if (bill === null || row === undefined || row.purpose === "repair") return;
    await open.tx.update(billJobs).set({ purpose: "repair" }).where(eq(billJobs.job, job));
    const asset = assetOf(bill);
    if (asset === null) return;
    const operations = await lossOperations(ctx, { asset, jobs: [row] });
    if (operations.length === 0) return;
    const outcomes = await applyOperations(open.client, operations, { halted: ctx.ledger.halted });
    await writeNotes(ctx, open, effectsOf(row));
    if (row.captured && outcomes[0]?.kind === "refused")
      return ctx.log.error({ job, outcome: outcomes[0] }, "the price of a discarded step could not come back");
    await open.tx.update(billJobs).set({ captured: false }).where(eq(billJobs.job, job));
  });
}
