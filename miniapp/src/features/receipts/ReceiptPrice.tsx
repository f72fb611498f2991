import { exactAmount, shortDollars } from "@starai/protocol/amounts";
import type { Receipt } from "@starai/protocol/receipts";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { unitText } from "../../lib/money-words.ts";

const COIN_NANO = 1_000_000_000n;

/** The price that was locked when the answer began, and the rate it was made with. */
export function ReceiptPrice({ receipt: { price, paidWith }, coin }: { receipt: Receipt; coin: string }) {
  const t = useT();
  const language = useLanguage();
  if (paidWith === "free" || paidWith === "house") return null;
  const { perMillion, rate, askPercent } = price;
  const foot = [
    t("wallet.receipt.locked"),
    ...(askPercent === 100 ? [] : [t("wallet.receipt.ask", { percent: askPercent })]),
  ].join(" ");
  return (
    <Section title={t("wallet.receipt.price", { unit: unitText(t, paidWith, coin) })} foot={foot}>
      <Cell title={t("wallet.receipt.price_prompt")} after={exactAmount(BigInt(perMillion.prompt))} />
      <Cell title={t("wallet.receipt.price_cached")} after={exactAmount(BigInt(perMillion.cached))} />
      <Cell title={t("wallet.receipt.price_answer")} after={exactAmount(BigInt(perMillion.answer))} />
      {rate !== null && (
        <Cell
          title={t("wallet.receipt.rate", {
            coin,
            dollars: shortDollars(
              { nano: COIN_NANO, microUsdPerCoin: BigInt(rate.microUsdPerCoin) },
              { language, round: "up" },
            ),
          })}
          detail={new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(
            new Date(rate.at),
          )}
        />
      )}
    </Section>
  );
}
