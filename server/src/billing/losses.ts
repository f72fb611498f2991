/**
 * What the house pays for failures that are not the workers': from the account that a part of every price was set aside
 * in, so that losses never exceed what came in, and no accomplice makes failures for money.
 */
import type { WorkedShare } from "@starai/protocol/receipts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import type { Move, Operation } from "../ledger/rules/operation.ts";
import { workerOwner } from "./bill.ts";
import type { MoneyContext } from "./context.ts";
import type { CreditedEffect } from "./credit-notes.ts";
import { houseAccounts } from "./house-accounts.ts";
import { ledgerKey } from "./ledger-key.ts";

export interface LostJob {
  readonly job: string;
  /** Its price was captured and comes back to the payer. */
  readonly captured: boolean;
  readonly shares: readonly WorkedShare[];
}

/** The key under which a captured job's price comes back. */
const returnKey = (job: string): string => ledgerKey("return", job);
const lossKey = (job: string, at: number): string => ledgerKey("loss", job, at);

/** By what its workers may have got and lost something for it: the price, its way back, and what the house pays then. */
export function effectsOf({ job, shares }: Pick<LostJob, "job" | "shares">): CreditedEffect[] {
  return [job, returnKey(job), ...shares.map((_, at) => lossKey(job, at))].map((key) => ({ key, job }));
}

/** Gives the payer everything back, and pays the honest workers out of the reserve as far as it reaches. */
export async function lossOperations(
  ctx: MoneyContext,
  { asset, jobs }: { asset: Asset; jobs: readonly LostJob[] },
): Promise<Operation[]> {
  const { loss } = await houseAccounts(ctx.ledger, asset);
  const returns = jobs
    .filter(({ captured }) => captured)
    .map(({ job }) => ({ verb: "reverse", key: returnKey(job), of: job }) as const);
  const payments: Move[] = [];
  for (const { job, shares } of jobs)
    for (const [at, { worker, isFalse, amount }] of shares.entries()) {
      if (isFalse || amount === "0") continue;
      const to = await ctx.ledger.openAccount({ asset, kind: "earner", owner: workerOwner(worker) });
      const key = lossKey(job, at);
      // One that the reserve does not cover is refused by the ledger, and its worker goes unpaid.
      payments.push({ verb: "move", key, from: loss, to, amount: BigInt(amount), kind: "loss" });
    }
  return [...returns, ...payments];
}
