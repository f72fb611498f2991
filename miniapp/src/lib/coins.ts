/** Amounts of coins as people type them. Nano units inside. Pure. */
import { exactAmount } from "@starai/protocol/amounts";
import type { Language } from "@starai/protocol/texts";

export interface CoinBounds {
  readonly min: bigint;
  readonly max: bigint;
}

export type ReadCoins = { nano: bigint } | { fault: "unreadable" | "too_small" | "too_large" };

const DECIMALS = 9;
const DECIMAL_MARK = { en: ".", ru: "," } as const satisfies Record<Language, string>;

/** "0.25" in English, "0,25" in Russian: every digit. */
export function coinsTyped(nano: bigint, language: Language): string {
  return exactAmount(nano).replace(".", DECIMAL_MARK[language]);
}

/** Reads "1.5", "1,5" and "1 500"; nothing finer than a nano unit, and no commas between thousands: they could be either. */
export function readCoins(text: string, { min, max }: CoinBounds): ReadCoins {
  const plain = text.replace(/\s/gu, "").replace(",", ".");
  const found = /^(\d{0,10})(?:\.(\d{0,9}))?$/.exec(plain);
  const [, whole = "", fraction = ""] = found ?? [];
  if (found === null || whole + fraction === "") return { fault: "unreadable" };
  const nano = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  if (nano < min) return { fault: "too_small" };
  return nano > max ? { fault: "too_large" } : { nano };
}
