/** The price an answer is quoted at. It is locked: rates, lists and the worker may change afterwards, the price does not. */
import { isAskPercent } from "@starai/protocol/ask-percent";
import { MICRO_USD_PER_STAR } from "@starai/protocol/amounts";
import { divideUp } from "./divide-up.ts";
import type { PriceUnit, TokenPrices } from "./price-table.ts";

/** What an answer is paid in; both in nano units, a billionth of a coin or of a Star. */
export type PaidIn = "coin" | "stars";

const NANO = 1_000_000_000n;

export interface LockedPrice {
  readonly paidIn: PaidIn;
  /** Nano units for a million tokens. */
  readonly perMillion: TokenPrices;
  /** Only workers that ask at most this much may take the job, also when it moves. */
  readonly askPercent: number;
  /** The id of the coin's rate it was made with; null where none was needed. */
  readonly rate: string | null;
}

interface PriceTerms {
  readonly unit: PriceUnit;
  /** The list's prices, in `unit`. */
  readonly list: TokenPrices;
  readonly paidIn: PaidIn;
  readonly askPercent: number;
  /** The coin's rate; null while there is none that may be used. */
  readonly rate: { readonly id: string; readonly microUsdPerCoin: bigint } | null;
}

/** Each price is rounded up, so that none becomes nothing. Null: a rate is needed and there is none. */
export function lockPrice(terms: PriceTerms): LockedPrice | null {
  const { list, paidIn, askPercent } = terms;
  if (!isAskPercent(askPercent)) throw new RangeError(`an ask of ${askPercent} percent is not within its bounds`);
  const conversion = conversionOf(terms);
  if (conversion === null) return null;
  const { times, by, rate } = conversion;
  const locked = (price: bigint) => divideUp(price * BigInt(askPercent) * times, 100n * by);
  return {
    paidIn,
    perMillion: { prompt: locked(list.prompt), cached: locked(list.cached), answer: locked(list.answer) },
    askPercent,
    rate,
  };
}

/** From the list's unit to nano units, as a fraction, and the rate that is in it. */
function conversionOf({ unit, paidIn, rate }: PriceTerms): { times: bigint; by: bigint; rate: string | null } | null {
  if (unit === "nano" && paidIn === "coin") return { times: 1n, by: 1n, rate: null };
  if (unit === "micro_usd" && paidIn === "stars") return { times: NANO, by: MICRO_USD_PER_STAR, rate: null };
  if (rate === null) return null;
  return unit === "micro_usd"
    ? { times: NANO, by: rate.microUsdPerCoin, rate: rate.id }
    : { times: rate.microUsdPerCoin, by: MICRO_USD_PER_STAR, rate: rate.id };
}
