/** What a job costs, and whose that money is: once per job, so that rounding happens once. */
import type { TokenPrices } from "./price-table.ts";
import { MILLION } from "./quote.ts";
import type { BilledTokens } from "./tokens.ts";
import { checkCounts } from "./tokens.ts";

/** One worker's part of a job. */
export interface WorkedAttempt {
  readonly worker: string;
  /** Tokens of it that the server committed. */
  readonly tokens: number;
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

/**
 * Divides a job's price: the fee to the house, the rest among its attempts by the tokens they delivered. The prompt is
 * billed once, so it is divided in the same proportion. An attempt that read the prompt and ended the job at its first
 * token has delivered all there is. What rounding leaves goes to the house.
 * @param attempts  in their order
 */
export function divideBill(
  amount: bigint,
  { attempts, feeBasisPoints = FEE_BASIS_POINTS }: { attempts: readonly WorkedAttempt[]; feeBasisPoints?: number },
): JobBill {
  checkCounts({ feeBasisPoints, "the workers' basis points": Number(BASIS_POINTS) - feeBasisPoints });
  const forWorkers = BASIS_POINTS - BigInt(feeBasisPoints);
  const shares = weighed(attempts).map(({ worker, isFalse, weight, of }) => ({
    worker,
    isFalse,
    amount: (amount * forWorkers * weight) / (BASIS_POINTS * of),
  }));
  const shared = shares.reduce((sum, share) => sum + share.amount, 0n);
  return { amount, shares, fee: amount - shared };
}

function weighed(attempts: readonly WorkedAttempt[]): (WorkedAttempt & { weight: bigint; of: bigint })[] {
  for (const { worker, tokens } of attempts) checkCounts({ [worker]: tokens });
  const delivered = attempts.reduce((sum, { tokens }) => sum + BigInt(tokens), 0n);
  if (delivered === 0n) return attempts.slice(-1).map((attempt) => ({ ...attempt, weight: 1n, of: 1n }));
  return attempts.map((attempt) => ({ ...attempt, weight: BigInt(attempt.tokens), of: delivered }));
}
