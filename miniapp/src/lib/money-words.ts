/** Amounts of money in the words of the screens; the numbers come from protocol/amounts.ts. Pure. */
import {
  MICRO_USD_PER_STAR,
  answersText,
  coinsText,
  exactAmount,
  shortAmount,
  shortDollars,
  starsText,
} from "@starai/protocol/amounts";
import type { AmountStyle } from "@starai/protocol/amounts";
import type { PaidWith } from "@starai/protocol/receipts";
import type { Translate } from "@starai/protocol/texts";

/** An amount as it comes from the server: nano units as decimal text, of Stars or of the coin. */
export interface Amount {
  nano: string;
  paidWith: PaidWith;
  /** The coin's name, a setting of the house. */
  coin: string;
}

/** "Stars: 0.0031" or "0.000041 GRAM". */
export function amountText(t: Translate, { nano, paidWith, coin }: Amount, style: AmountStyle): string {
  const amount = { nano: BigInt(nano), ...style };
  return paidWith === "coin" ? coinsText(t, { ...amount, coin }) : starsText(t, amount);
}

/** Every digit: "Stars: 0.003102451" or "0.000041203 GRAM". */
export function exactText(t: Translate, { nano, paidWith, coin }: Amount): string {
  const amount = exactAmount(BigInt(nano));
  return paidWith === "coin" ? t("money.coins", { amount, coin }) : t("money.stars", { amount });
}

/** The name alone: "Stars" or "GRAM". */
export function unitText(t: Translate, paidWith: PaidWith, coin: string): string {
  return paidWith === "coin" ? coin : t("wallet.unit.stars");
}

/** "+50" or "−0.0031": what came is rounded down, what went up. */
export function changeText(nano: string, language: AmountStyle["language"]): string {
  const amount = BigInt(nano);
  const text = shortAmount(amount, { language, round: amount > 0n ? "down" : "up" });
  return amount > 0n ? `+${text}` : text;
}

export interface Spent {
  stars: string;
  coin: string;
}

/** What was spent, in 10^-15 dollars. While the coin has no rate its part is not counted. */
export function spentValue(spent: Spent, microUsdPerCoin: string | null): bigint {
  return BigInt(spent.stars) * MICRO_USD_PER_STAR + BigInt(spent.coin) * BigInt(microUsdPerCoin ?? 0);
}

/** "0.007 ¢", "$1.2". */
export function spentText(spent: Spent, rate: { microUsdPerCoin: string } | null, style: AmountStyle): string {
  return shortDollars({ nano: spentValue(spent, rate?.microUsdPerCoin ?? null), microUsdPerCoin: 1n }, style);
}

/** "≈ 24,000 answers of Qwen"; null while an answer has no price. */
export function answersOf(
  t: Translate,
  { balance, answer, model }: { balance: bigint; answer: string | null; model: string },
  language: AmountStyle["language"],
): string | null {
  if (answer === null) return null;
  const answers = answersText(t, { balance, answer: BigInt(answer), language });
  return answers === null ? null : t("wallet.answers_of", { answers, model });
}
