import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useApp, useLanguage, useT } from "../../lib/app-context.ts";
import { changeText } from "../../lib/money-words.ts";
import { transactionLink } from "../../lib/people-address.ts";
import { momentText } from "../../lib/when.ts";

/** What arrived, the newest first; each opens its transaction. */
export function DepositList({ chain: { deposits, network, coin } }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  const { telegram } = useApp();
  return (
    <Section title={t("wallet.coins.deposits")}>
      {deposits.length === 0 && <Cell title={t("wallet.coins.deposits_none")} />}
      {deposits.map(({ id, amount, at, state, transaction }) => (
        <Cell
          key={id}
          title={t(`wallet.coins.deposit_state.${state}`)}
          detail={[momentText(new Date(at), language), coin].join(" · ")}
          after={<span className={state === "credited" ? "coins-in" : ""}>{changeText(amount, language)}</span>}
          onClick={() => telegram.open(transactionLink(transaction, network, location.href))}
        />
      ))}
    </Section>
  );
}
