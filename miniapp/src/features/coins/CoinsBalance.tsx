import { Link } from "wouter";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import type { Money } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { answersOf } from "../../lib/money-words.ts";
import { CoinsFigure } from "./CoinsFigure.tsx";

/** The prepaid coins, how many answers they are, and the ways in and out. */
export function CoinsBalance({ chain, money }: { chain: Chain; money: Money | undefined }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const { coin, topUpInTelegram } = chain;
  const balance = BigInt(chain.balance);
  const price = money?.answer;
  const answers = price && answersOf(t, { balance, answer: price.coin, model: nameOf(price.model) }, language);
  return (
    <Section foot={topUpInTelegram ? undefined : t("wallet.coins.not_here", { coin })}>
      <div className="coins-balance">
        <h2 className="coins-name">{t("wallet.prepaid")}</h2>
        <CoinsFigure balance={balance} coin={coin} />
        <p className="coins-hint">{balance === 0n ? t("wallet.coins.empty") : (answers ?? t("wallet.prepaid_text"))}</p>
        <div className="button-row">
          {topUpInTelegram && (
            <Link href="/wallet/coins/top-up" className="button button-accent">
              {t("wallet.top_up")}
            </Link>
          )}
          <Link
            href="/wallet/coins/withdraw"
            className={`button ${topUpInTelegram ? "button-quiet" : "button-accent"}`}
          >
            {t("wallet.coins.withdraw")}
          </Link>
        </div>
      </div>
    </Section>
  );
}
