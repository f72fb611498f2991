/** Limits and what was spent of them, in dollars. Pure. */
import { MICRO_USD_PER_STAR, exactAmount, shortDollars } from "@starai/protocol/amounts";
import type { Language } from "@starai/protocol/texts";
import type { Money } from "./read-money.ts";

const DECIMAL_MARK = { en: ".", ru: "," } as const satisfies Record<Language, string>;

/** Micro-dollars with every decimal that is not zero: "$0.02", "$1,250.5". */
export function limitText(microUsd: number, language: Language): string {
  const [whole = "0", fraction] = exactAmount(BigInt(microUsd) * 1_000n).split(".");
  const shown = `$${new Intl.NumberFormat(language).format(BigInt(whole))}`;
  return fraction === undefined ? shown : shown + DECIMAL_MARK[language] + fraction;
}

/** "0.007 ¢", "$1.2"; coins are not counted while there is no rate. */
export function spentText(spent: Money["spentToday"], { rate }: Pick<Money, "rate">, language: Language): string {
  const stars = BigInt(spent.stars) * MICRO_USD_PER_STAR;
  const coins = BigInt(spent.coin) * BigInt(rate?.microUsdPerCoin ?? 0);
  return shortDollars({ nano: stars + coins, microUsdPerCoin: 1n }, { language, round: "up" });
}
