/** Amounts as operators write and read them: decimals of whole units, never floats. */
import { exactAmount } from "@starai/protocol/amounts";

/** Digits behind the point: micro-dollars, and nano units of a coin or a Star. */
export const DOLLAR_DECIMALS = 6;
export const NANO_DECIMALS = 9;

interface Amount {
  readonly decimals: number;
  readonly min: bigint;
  readonly max: bigint;
  /** What it is, for the sentence that refuses it: "a budget in dollars". */
  readonly what: string;
}

/** @throws a sentence where it is no amount, or not within its bounds */
export function readAmount(text: string | undefined, { decimals, min, max, what }: Amount): bigint {
  const [, whole, fraction = ""] = /^(\d{1,9})(?:\.(\d+))?$/.exec(text ?? "") ?? [];
  const range = `${shown(min, decimals)} to ${shown(max, decimals)}, with at most ${decimals} digits behind the point`;
  if (whole === undefined || fraction.length > decimals)
    throw new Error(`${what} is a number from ${range}; "${(text ?? "").slice(0, 40)}" is none. Nothing was changed.`);
  const value = BigInt(whole + fraction.padEnd(decimals, "0"));
  if (value < min || value > max) throw new Error(`${what} is a number from ${range}. Nothing was changed.`);
  return value;
}

/** Micro-dollars: "$0.015". */
export function dollars(microUsd: bigint): string {
  return `$${shown(microUsd, DOLLAR_DECIMALS)}`;
}

/** Nano units: "12.5 Stars", "0.000041 coins". The coin's ticker is the server's setting. */
export function named(nano: bigint, asset: "coin" | "stars"): string {
  return `${exactAmount(nano)} ${asset === "stars" ? "Stars" : "coins"}`;
}

function shown(value: bigint, decimals: number): string {
  return exactAmount(value * 10n ** BigInt(NANO_DECIMALS - decimals));
}
