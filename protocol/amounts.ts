/**
 * Amounts of money as people read them, the same in bot and app. Pure.
 *
 * An answer costs some millionths of a coin, so amounts have two significant digits and never a fixed number of
 * decimals; the whole part is never rounded. What somebody has is rounded down and what something costs is rounded up,
 * so that nobody is shown more than they have or less than they pay. `exactAmount` is for receipts and files.
 */
import type { Language, Translate } from "./texts.ts";

/** What a Star is worth: Telegram pays $0.013 for one (Terms of Service, 6.2.4). */
export const MICRO_USD_PER_STAR = 13_000n;

/** Decimals of coins and of Stars: both are counted in nano units, a billionth of one. */
const NANO_DECIMALS = 9;
/** A nano unit times a rate in micro-dollars for a coin is 10^-15 dollars. */
const DOLLAR_DECIMALS = 15;
const CENT_DECIMALS = DOLLAR_DECIMALS - 2;
const DIGITS = 2;
const DECIMAL_MARK = { en: ".", ru: "," } as const satisfies Record<Language, string>;
/** More answers than anybody reads; below this a count is exact as a number. */
const ANSWERS_MAX = 1_000_000_000_000_000n;

export interface AmountStyle {
  readonly language: Language;
  /** Of the amount without its sign: `down` for what somebody has, `up` for what something costs or somebody owes. */
  readonly round: "down" | "up";
}

/** Nano units as coins or Stars, without their name: "0.000041", "12", "24,000". */
export function shortAmount(nano: bigint, style: AmountStyle): string {
  return signOf(nano) + shorten(sizeOf(nano), NANO_DECIMALS, style);
}

/** Every decimal up to the last that is not zero, with a point in any language, as in receipts and CSV: "0.000041203". */
export function exactAmount(nano: bigint): string {
  const { whole, fraction } = split(sizeOf(nano), NANO_DECIMALS);
  return `${nano < 0n ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

/** Nano coins in dollars at a rate: "0.007 ¢" below one dollar, "$8.5" from there on. */
export function shortDollars(
  { nano, microUsdPerCoin }: { nano: bigint; microUsdPerCoin: bigint },
  style: AmountStyle,
): string {
  const value = sizeOf(nano) * microUsdPerCoin;
  const text =
    value < 10n ** BigInt(DOLLAR_DECIMALS)
      ? `${shorten(value, CENT_DECIMALS, style)} ¢`
      : `$${shorten(value, DOLLAR_DECIMALS, style)}`;
  return signOf(nano) + text;
}

/** "0.000041 GRAM". @param coin  the coin's name, which is a setting of the house */
export function coinsText(
  t: Translate,
  { nano, coin, ...style }: AmountStyle & { nano: bigint; coin: string },
): string {
  return t("money.coins", { amount: shortAmount(nano, style), coin });
}

/** "Stars: 48": credits of their own, which are never shown as coins. */
export function starsText(t: Translate, { nano, ...style }: AmountStyle & { nano: bigint }): string {
  return t("money.stars", { amount: shortAmount(nano, style) });
}

/** "≈ 24,000 answers": how many answers of this price a balance pays for, rounded down; null when they cost nothing. */
export function answersText(
  t: Translate,
  { balance, answer, language }: { balance: bigint; answer: bigint; language: Language },
): string | null {
  if (answer <= 0n) return null;
  const answers = balance > 0n ? balance / answer : 0n;
  const shown = rounded(answers < ANSWERS_MAX ? answers : ANSWERS_MAX, { digitsOffMax: Infinity, round: "down" });
  return t("money.answers", { count: Number(shown), answers: grouped(shown, language) });
}

function shorten(value: bigint, decimals: number, { language, round }: AmountStyle): string {
  const { whole, fraction } = split(rounded(value, { digitsOffMax: decimals, round }), decimals);
  return grouped(whole, language) + (fraction && DECIMAL_MARK[language] + fraction);
}

/** To two significant digits, but with at most so many digits made zero. */
function rounded(value: bigint, { digitsOffMax, round }: { digitsOffMax: number; round: "down" | "up" }): bigint {
  const digitsOff = Math.max(0, Math.min(String(value).length - DIGITS, digitsOffMax));
  const unit = 10n ** BigInt(digitsOff);
  return ((round === "up" ? value + unit - 1n : value) / unit) * unit;
}

function split(value: bigint, decimals: number): { whole: bigint; fraction: string } {
  const unit = 10n ** BigInt(decimals);
  const fraction = String(value % unit).padStart(decimals, "0");
  return { whole: value / unit, fraction: fraction.replace(/0+$/, "") };
}

function grouped(whole: bigint, language: Language): string {
  return new Intl.NumberFormat(language).format(whole);
}

function sizeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function signOf(value: bigint): string {
  return value < 0n ? "−" : "";
}
