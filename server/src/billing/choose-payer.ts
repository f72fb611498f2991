/**
 * What an answer is paid with: the first of free, Stars and coin that can pay for at least a short one. One source pays
 * for the whole answer: a receipt in two currencies cannot be read, and a refund of it could not be exact. Pure.
 */
import type { BudgetBound } from "@starai/protocol/receipts";
import { budgetOf, holdFor, planStep } from "../prices/quote.ts";
import type { StepSize } from "../prices/quote.ts";
import type { TokenPrices } from "../prices/price-table.ts";

export interface Purse {
  readonly paidWith: "stars" | "coin";
  readonly prices: TokenPrices;
  /** All in nano units: what can be spent, the cap for one answer, and what the day's caps leave. */
  readonly spendable: bigint;
  readonly answerCap: bigint;
  readonly dayCapRest: bigint;
}

export interface Offer {
  readonly amount: bigint;
  /** Null: the worst case is covered. */
  readonly bound: BudgetBound | null;
}

/** What this purse may pay for an answer of these steps; or what keeps it from paying even for a short one. */
export function offerOf(
  { prices, spendable, answerCap, dayCapRest }: Purse,
  steps: readonly StepSize[],
): { offer: Offer } | { lacks: BudgetBound } {
  const budget = budgetOf({ answerCap, dayCapRest, freeBalance: spendable });
  // What costs nothing is held for at the least there is.
  const amount = holdFor(prices, { steps, budget }) || (budget.amount > 0n ? 1n : 0n);
  const [first] = steps;
  if (amount === 0n || first === undefined || planStep(prices, { step: first, rest: amount }).kind === "ends")
    return { lacks: budget.bound };
  return { offer: { amount, bound: amount < budget.amount ? null : budget.bound } };
}
