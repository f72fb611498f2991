/** Caps: dollars a person sets, shown exactly and read from what they typed. Micro-dollars inside. Pure. */
import { exactAmount } from "@starai/protocol/amounts";
import type { Language } from "@starai/protocol/texts";

export interface DollarBounds {
  readonly min: number;
  readonly max: number;
}

export type ReadDollars = { microUsd: number } | { fault: "unreadable" | "too_small" | "too_large" };

const MICRO = 1_000_000;
const DECIMAL_MARK = { en: ".", ru: "," } as const satisfies Record<Language, string>;

/** "$0.02", "$1,250.5": every decimal that is not zero. */
export function dollarsText(microUsd: number, language: Language): string {
  return `$${dollarsTyped(microUsd, language, true)}`;
}

/** The same without a sign, as a person would type it; `grouped` puts marks between thousands. */
export function dollarsTyped(microUsd: number, language: Language, grouped = false): string {
  const [whole = "0", fraction] = exactAmount(BigInt(microUsd) * 1_000n).split(".");
  const shown = grouped ? new Intl.NumberFormat(language).format(BigInt(whole)) : whole;
  return fraction === undefined ? shown : shown + DECIMAL_MARK[language] + fraction;
}

/**
 * Reads "0.02", "$1" and "0,5"; amounts finer than a micro-dollar are not read. "1,250" is more than a thousand in
 * English and less than two in Russian.
 */
export function readDollars(text: string, { min, max }: DollarBounds, language: Language): ReadDollars {
  const bare = text.replace(/[\s$]/gu, "");
  const plain = (language === "en" ? withoutGroups(bare) : bare).replace(",", ".");
  if (!/^(\d{1,9}(\.\d{0,6})?|\.\d{1,6})$/.test(plain)) return { fault: "unreadable" };
  const microUsd = Math.round(Number(plain) * MICRO);
  if (microUsd < min) return { fault: "too_small" };
  return microUsd > max ? { fault: "too_large" } : { microUsd };
}

/** A comma before exactly three digits groups thousands, unless a zero stands before it: "1,250", but "0,125". */
function withoutGroups(text: string): string {
  return /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text) ? text.replaceAll(",", "") : text;
}
