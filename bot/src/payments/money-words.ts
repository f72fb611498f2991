/** What people are told of their money, in sentences. */
import { answersText, shortAmount } from "@starai/protocol/amounts";
import type { Language, Translate } from "@starai/protocol/texts";

export interface Tongue {
  readonly t: Translate;
  readonly language: Language;
}

/** What somebody has: "48 (≈ 1,200 answers)". @param answer  price of a usual answer, null where it is not known */
export function haveText(nano: string, answer: string | null, { t, language }: Tongue): string {
  const amount = shortAmount(BigInt(nano), { language, round: "down" });
  const answers = answer && answersText(t, { balance: BigInt(nano), answer: BigInt(answer), language });
  return answers ? `${amount} (${answers})` : amount;
}

/** What somebody owes or pays: never shown as less. */
export function oweText(nano: string, { language }: Tongue): string {
  return shortAmount(BigInt(nano), { language, round: "up" });
}

interface Settled {
  readonly credits: string;
  readonly balance: string;
  readonly debt: string;
}

export function creditedText({ credits, balance, debt }: Settled, tongue: Tongue): string {
  const { t } = tongue;
  if (BigInt(credits) === 0n) return t("stars.credited_nothing");
  const values = { credits: haveText(credits, null, tongue), balance: haveText(balance, null, tongue) };
  return lines(
    t("stars.credited", values),
    BigInt(debt) > 0n && t("stars.still_owed", { debt: oweText(debt, tongue) }),
  );
}

export function refundedText(
  { stars, balance, debt }: Omit<Settled, "credits"> & { stars: number },
  tongue: Tongue,
): string {
  const { t } = tongue;
  return lines(
    t("stars.refunded", { stars, balance: haveText(balance, null, tongue) }),
    BigInt(debt) > 0n && t("stars.refunded_debt", { debt: oweText(debt, tongue) }),
  );
}

/** One a line, without those that are not to be said. */
export function lines(...said: readonly (string | false | null)[]): string {
  return said.filter((line) => typeof line === "string").join("\n");
}
