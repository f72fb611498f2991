/** The end of a free answer: what it reserved comes back, a failed one does not count, and staked machines are paid. */
import { eq, sql } from "drizzle-orm";
import { freeAnswers, freeBudgets } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { Move } from "../ledger/rules/operation.ts";
import { priceOf } from "../prices/bill.ts";
import { listPrices } from "../prices/price-table.ts";
import { WHO_PAYS } from "../prices/who-pays.ts";
import { HOUSE, workerOwner } from "./bill.ts";
import type { MoneyContext } from "./context.ts";
import { writeNotes } from "./credit-notes.ts";
import type { CreditedEffect } from "./credit-notes.ts";
import { ledgerKey } from "./ledger-key.ts";
import type { MoneyTransaction } from "./money-transaction.ts";
import { promotedPay } from "./promotion.ts";
import { workerOwners } from "./worker-owners.ts";
import type { Closed } from "./receipt-of.ts";

/** Returns how many free answers its person has left that day. */
export async function settleFree(ctx: MoneyContext, open: MoneyTransaction, closed: Closed): Promise<number | null> {
  const { bill, closing } = closed;
  const failed = WHO_PAYS[closing.end] === "loss";
  const [row] = await open.tx
    .update(freeAnswers)
    .set({ used: sql`greatest(0, ${freeAnswers.used} - ${failed ? 1 : 0})` })
    .where(sql`${freeAnswers.person} = ${bill.person} and ${freeAnswers.day} = ${bill.day}`)
    .returning();
  const spent = failed ? 0n : listCost(ctx, closed);
  const unused = spent < bill.budget ? bill.budget - spent : 0n;
  await open.tx
    .update(freeBudgets)
    .set({ used: sql`greatest(0, ${freeBudgets.used} - ${unused})` })
    .where(eq(freeBudgets.day, bill.day));
  if (!failed) await payPromotion(ctx, open, closed);
  return row === undefined ? null : Math.max(0, row.allowed - row.used);
}

/** What it cost the house, in micro-dollars at list prices. */
function listCost(ctx: MoneyContext, { bill, jobs, closing }: Closed): bigint {
  const { prices } = closing.settings;
  const model = ctx.catalogue.get(bill.model);
  const list = model === undefined || prices.unit !== "micro_usd" ? null : listPrices(prices, model);
  if (list === null) return 0n;
  return jobs.reduce((sum, { promptTokens: prompt, cachedTokens: cached, answerTokens: answer }) => {
    return sum + priceOf(list, { prompt, cached, answer });
  }, 0n);
}

async function payPromotion(ctx: MoneyContext, open: MoneyTransaction, { bill, jobs }: Closed): Promise<void> {
  const workers = [...new Set(jobs.flatMap(({ shares }) => shares.map(({ worker }) => worker)))];
  if (bill.person === null || workers.length === 0) return;
  const owners = await workerOwners(open.tx, workers);
  if (owners.size === 0) return;
  const from = await ctx.ledger.openAccount({ asset: "coin", kind: "promo", owner: HOUSE });
  const moves: (Move & CreditedEffect)[] = [];
  for (const { job, shares } of jobs)
    for (const [worker, amount] of promotedPay(shares, { asker: bill.person, owners })) {
      const to = await ctx.ledger.openAccount({ asset: "coin", kind: "earner", owner: workerOwner(worker) });
      const key = ledgerKey("promotion", job, worker);
      moves.push({ verb: "move", key, job, from, to, amount, kind: "promotion" });
    }
  // What the promotion's account does not cover is refused, and its worker goes unpaid.
  if (moves.length === 0) return;
  await applyOperations(open.client, moves, { halted: ctx.ledger.halted });
  await writeNotes(ctx, open, moves);
}
