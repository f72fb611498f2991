import { useState } from "react";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { changeText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";
import { PayoutSheet } from "./PayoutSheet.tsx";

type Payout = Chain["payouts"][number];

/** Withdrawals, the newest first; each opens what is known of it, and can be cancelled there while there is time. */
export function PayoutList({ chain }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  const [opened, setOpened] = useState<string | null>(null);
  const { payouts, coin } = chain;
  // Of the newest overview: it may have been paid while it is open.
  const shown = payouts.find(({ id }) => id === opened);
  if (payouts.length === 0) return null;
  return (
    <Section title={t("wallet.coins.payouts")}>
      {payouts.map((payout) => (
        <Cell
          key={payout.id}
          title={t(`wallet.coins.payout_state.${payout.state}`)}
          detail={[momentText(momentOf(payout), language), coin].join(" · ")}
          after={changeText(`-${payout.amount}`, language)}
          onClick={() => setOpened(payout.id)}
        />
      ))}
      {shown !== undefined && <PayoutSheet payout={shown} chain={chain} onClose={() => setOpened(null)} />}
    </Section>
  );
}

/** The moment that its state is about. */
function momentOf({ state, readyAt, endedAt, requestedAt }: Payout): Date {
  return new Date(state === "waiting" ? readyAt : (endedAt ?? requestedAt));
}
