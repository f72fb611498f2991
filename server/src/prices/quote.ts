/**
 * What an answer may cost at most. A hold of that sum is placed once for the whole answer, before its first step; each
 * step is then paid from the hold, and a step that could cost more than is left must be the last one.
 */
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import { divideUp } from "./divide-up.ts";
import type { PaidIn } from "./locked-price.ts";
import type { TokenPrices } from "./price-table.ts";
import { checkCounts } from "./tokens.ts";

/** Prices are for this many tokens. */
export const MILLION = 1_000_000n;
/** Fewer tokens make no answer that is worth paying for. */
export const LAST_STEP_TOKENS_MIN = 64;
/** A chat answer as it is compared with a balance. */
const TYPICAL_ANSWER = { prompt: 600, answer: 200 };

/** What bounds an answer's price: this is told to the person when it does. */
export type BudgetBound = "answer_cap" | "day_cap" | "balance";

export interface Budget {
  /** Nano units; never below zero. */
  readonly amount: bigint;
  readonly bound: BudgetBound;
}

/** A model call as far as its price goes. */
export interface StepSize {
  readonly promptTokens: number;
  /** The most it may write. */
  readonly answerTokensMax: number;
}

export type StepPlan =
  /** It costs at most `worst`; others may follow. */
  | { kind: "fits"; worst: bigint }
  /** Only with at most `answerTokensMax` tokens, and as the answer's last step. */
  | { kind: "last"; worst: bigint; answerTokensMax: number }
  /** Not even a short last step fits: the answer ends with what it has, and says why. */
  | { kind: "ends" };

/** A cap in dollars as nano units, rounded down. `microUsdPerCoin` is the rate of the answer's locked price. */
export function capInNano({
  microUsd,
  paidIn,
  microUsdPerCoin,
}: {
  microUsd: bigint;
  paidIn: PaidIn;
  microUsdPerCoin: bigint;
}): bigint {
  return (microUsd * 1_000_000_000n) / (paidIn === "stars" ? MICRO_USD_PER_STAR : microUsdPerCoin);
}

/** The smallest of three bounds in nano units: the cap for one answer, what the day's cap leaves, and the free balance. */
export function budgetOf(bounds: { answerCap: bigint; dayCapRest: bigint; freeBalance: bigint }): Budget {
  const named: Budget[] = [
    { amount: bounds.freeBalance, bound: "balance" },
    { amount: bounds.dayCapRest, bound: "day_cap" },
    { amount: bounds.answerCap, bound: "answer_cap" },
  ];
  const { amount, bound } = named.reduce((least, one) => (one.amount < least.amount ? one : least));
  return { amount: amount > 0n ? amount : 0n, bound };
}

/** What one step can cost at most: no token cached, every token written. Rounded up. */
export function worstOfStep(prices: TokenPrices, { promptTokens, answerTokensMax }: StepSize): bigint {
  checkCounts({ promptTokens, answerTokensMax });
  return divideUp(BigInt(promptTokens) * promptPrice(prices) + BigInt(answerTokensMax) * prices.answer, MILLION);
}

/** What to hold for an answer: what all its steps can cost at most, within the budget. */
export function holdFor(
  prices: TokenPrices,
  { steps, budget }: { steps: readonly StepSize[]; budget: Budget },
): bigint {
  const worst = steps.reduce((sum, step) => sum + worstOfStep(prices, step), 0n);
  return worst < budget.amount ? worst : budget.amount;
}

/** Whether a step may be made with what is left of the hold, and whether it must be the last one. */
export function planStep(prices: TokenPrices, { step, rest }: { step: StepSize; rest: bigint }): StepPlan {
  const worst = worstOfStep(prices, step);
  if (worst <= rest) return { kind: "fits", worst };
  const left = rest * MILLION - BigInt(step.promptTokens) * promptPrice(prices);
  if (left < BigInt(LAST_STEP_TOKENS_MIN) * prices.answer) return { kind: "ends" };
  // Fewer than the step asked for, since that many did not fit.
  const answerTokensMax = Number(left / prices.answer);
  return { kind: "last", worst: worstOfStep(prices, { ...step, answerTokensMax }), answerTokensMax };
}

/** What a chat answer costs as a rule, rounded up: for "≈ N answers" beside a balance, never for a bill. */
export function typicalAnswer(prices: TokenPrices): bigint {
  return worstOfStep(prices, { promptTokens: TYPICAL_ANSWER.prompt, answerTokensMax: TYPICAL_ANSWER.answer });
}

/** The dearer of the two, so that a hold covers a list in which cached tokens cost more. */
function promptPrice({ prompt, cached }: TokenPrices): bigint {
  return prompt > cached ? prompt : cached;
}
