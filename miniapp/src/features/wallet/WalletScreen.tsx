/** What the person has and what each part of it can do, the way to more, the limits, and the latest of the history. */
import { Banner } from "../../components/Banner.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Screen } from "../../components/Screen.tsx";
import { Section } from "../../components/Section.tsx";
import { useMoneySheets } from "../../data/money-sheets.ts";
import type { Money } from "../../data/use-money.ts";
import { useT } from "../../lib/app-context.ts";
import { BalanceCard } from "./BalanceCard.tsx";
import { FreeAnswers } from "./FreeAnswers.tsx";
import { LimitRows } from "./LimitRows.tsx";
import { OtherFunds } from "./OtherFunds.tsx";
import { RecentHistory } from "./RecentHistory.tsx";
import { SubscriptionRow } from "./SubscriptionRow.tsx";
import { usePendingPayment } from "./use-pending-payment.ts";
import { WalletSkeleton } from "./WalletSkeleton.tsx";
import "../../lib/late-texts.ts";
import "./wallet.css";

export default function WalletScreen() {
  const t = useT();
  const open = useMoneySheets();
  const { pending, money } = usePendingPayment();
  const { data, error, refetch } = money;
  return (
    <Screen title={t("wallet.title")}>
      {data === undefined ? (
        error === null ? (
          <WalletSkeleton />
        ) : (
          <Failed error={error} text={t("wallet.failed")} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          {error !== null && <Banner>{t("wallet.stale")}</Banner>}
          {data.paused !== null && <Banner look="bad">{t(`wallet.paused.${data.paused}`)}</Banner>}
          <BalanceCard money={data} pending={pending} onTopUp={() => open({ kind: "top_up" })} />
          <Funds money={data} onLimits={() => open({ kind: "caps" })} />
        </>
      )}
    </Screen>
  );
}

function Funds({ money, onLimits }: { money: Money; onLimits: () => void }) {
  const t = useT();
  return (
    <>
      <FreeAnswers money={money} />
      <OtherFunds money={money} />
      {money.subscription !== null && <SubscriptionRow subscription={money.subscription} />}
      <LimitRows money={money} onOpen={onLimits} />
      <RecentHistory coin={money.coin} />
      <Section>
        <Cell title={t("wallet.keys.title")} detail={t("wallet.keys.about")} href="/wallet/keys" />
        <Cell title={t("wallet.terms.title")} href="/terms" />
      </Section>
    </>
  );
}
