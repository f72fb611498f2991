/** What a job costs, and whose that money is: once per job, so that rounding happens once. */
import type { TokenPrices } from "./price-table.ts";
import { MILLION } from "./quote.ts";
import { workOf } from "./reference-work.ts";
import type { Delivered } from "./reference-work.ts";
import type { BilledTokens } from "./tokens.ts";
import { checkCounts } from "./tokens.ts";

/** One worker's part of a job. */
export interface WorkedAttempt extends Delivered {
  readonly worker: string;
  /** Whether it was dropped for false or broken output: then its share goes to nobody who worked. */
  readonly isFalse: boolean;
}

export interface WorkerShare {
  readonly worker: string;
  readonly amount: bigint;
  readonly isFalse: boolean;
}

/** One job's price, divided: the shares and the fee add up to the amount. Nano units. */
export interface JobBill {
  readonly amount: bigint;
  readonly shares: readonly WorkerShare[];
  readonly fee: bigint;
}

/** The house's part of a job's price: 10 %. */
export const FEE_BASIS_POINTS = 1_000;
const BASIS_POINTS = 10_000n;

/** The job's price in nano units: three products in one sum, rounded down. @throws RangeError for impossible counts */
export function priceOf(prices: TokenPrices, { prompt, cached, answer }: BilledTokens): bigint {
  checkCounts({ prompt, cached, answer, "prompt without cached": prompt - cached });
  const sum = BigInt(prompt - cached) * prices.prompt + BigInt(cached) * prices.cached + BigInt(answer) * prices.answer;
  return sum / MILLION;
}

export interface Division {
  readonly tokens: Pick<BilledTokens, "prompt" | "cached">;
  /** In their order; there is a share for each. */
  readonly attempts: readonly WorkedAttempt[];
  readonly feeBasisPoints?: number;
}

/**
 * Divides a job's price: the fee to the house, the rest among its attempts by their reference work. What rounding leaves
 * goes to the house.
 */
export function divideBill(amount: bigint, { tokens, attempts, feeBasisPoints = FEE_BASIS_POINTS }: Division): JobBill {
  checkCounts({ feeBasisPoints, "the workers' basis points": Number(BASIS_POINTS) - feeBasisPoints });
  const forWorkers = amount * (BASIS_POINTS - BigInt(feeBasisPoints));
  const work = workOf(tokens, attempts);
  const all = work.reduce((sum, one) => sum + one, 0n);
  const shares = attempts.map(({ worker, isFalse }, at) => ({
    worker,
    isFalse,
    amount: (forWorkers * work[at]!) / (BASIS_POINTS * all),
  }));
  const shared = shares.reduce((sum, share) => sum + share.amount, 0n);
  return { amount, shares, fee: amount - shared };
}
