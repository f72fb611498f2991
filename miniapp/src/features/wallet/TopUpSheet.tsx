/** Buying Stars credits: packs and a subscription, Telegram's payment sheet, and the wait for the credit. */
import { STAR_PACKS, SUBSCRIPTION } from "@starai/protocol/money";
import type { NewOrder } from "@starai/protocol/money";
import type { TextKey } from "@starai/protocol/texts";
import { Link } from "wouter";
import { Cell } from "../../components/Cell.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import type { Money } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { answersOf } from "../../lib/money-words.ts";
import { TopUpWaiting } from "./TopUpWaiting.tsx";
import type { TopUpOutcome } from "./top-up-outcome.ts";
import { usePendingPayment } from "./use-pending-payment.ts";
import { creditOf, useTopUp } from "./use-top-up.ts";
import "../../lib/late-texts.ts";
import "./wallet.css";

export default function TopUpSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { pending, keep, money } = usePendingPayment();
  const topUp = useTopUp(keep);
  const { data, error, refetch } = money;
  const paid = topUp.outcome === "waiting" || topUp.outcome === "elsewhere";
  return (
    <Sheet title={t("wallet.top_up")} onClose={onClose}>
      {data === undefined ? (
        error === null ? (
          <PacksSkeleton />
        ) : (
          <Failed error={error} text={t("wallet.top_up.failed_to_load")} onRetry={() => void refetch()} />
        )
      ) : paid ? (
        <TopUpWaiting pending={pending} money={data} onAgain={topUp.again} onClose={onClose} />
      ) : (
        <>
          <TopUpNotice outcome={topUp.outcome} paying={topUp.paying} />
          <Packs money={data} bought={topUp.bought} onChoose={(order) => topUp.pay(order, data)} onLeave={onClose} />
        </>
      )}
    </Sheet>
  );
}

const NOTICES: Partial<Record<TopUpOutcome, TextKey>> = {
  cancelled: "wallet.top_up.cancelled",
  failed: "wallet.top_up.failed",
  expired: "wallet.top_up.expired",
};

/** What became of the payment before, or that one is being made; a place for screen readers in any case. */
function TopUpNotice({ outcome, paying }: { outcome: TopUpOutcome | null; paying: boolean }) {
  const t = useT();
  const notice = outcome === null ? undefined : NOTICES[outcome];
  return (
    <div className="top-up-notice" role="status">
      {paying ? <p>{t("wallet.top_up.paying")}</p> : notice !== undefined && <p>{t(notice)}</p>}
    </div>
  );
}

interface PacksProps {
  money: Money;
  /** What is being bought; nothing else can be chosen meanwhile. */
  bought: NewOrder | null;
  onChoose: (order: NewOrder) => void;
  /** A link to another screen was followed. */
  onLeave: () => void;
}

function Packs({ money, bought, onChoose, onLeave }: PacksProps) {
  const t = useT();
  const row = (order: NewOrder) => (
    <PackRow
      key={JSON.stringify(order)}
      order={order}
      money={money}
      busy={JSON.stringify(bought) === JSON.stringify(order)}
      disabled={bought !== null}
      onChoose={() => onChoose(order)}
    />
  );
  return (
    <>
      <Section title={t("wallet.top_up.once")}>{STAR_PACKS.map((stars) => row({ kind: "pack", stars }))}</Section>
      {money.subscription?.state !== "active" && (
        <Section title={t("wallet.top_up.monthly")} foot={t("wallet.top_up.monthly_foot", { days: SUBSCRIPTION.days })}>
          {row({ kind: "subscription" })}
        </Section>
      )}
      <p className="top-up-foot">
        {t("wallet.stars_foot")}{" "}
        <Link href="/terms" onClick={onLeave}>
          {t("wallet.terms.title")}
        </Link>
      </p>
    </>
  );
}

interface PackRowProps {
  order: NewOrder;
  money: Money;
  busy: boolean;
  disabled: boolean;
  onChoose: () => void;
}

function PackRow({ order, money, busy, disabled, onChoose }: PackRowProps) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const { answer } = money;
  const stars = order.kind === "pack" ? order.stars : SUBSCRIPTION.stars;
  const price = t("wallet.pack", { count: stars, stars: new Intl.NumberFormat(language).format(stars) });
  const answers = answersOf(
    t,
    { balance: creditOf(order), answer: answer.stars, model: nameOf(answer.model) },
    language,
  );
  const more = t("wallet.top_up.more", { percent: SUBSCRIPTION.creditPercent - 100 });
  const detail = [...(order.kind === "subscription" ? [more] : []), ...(answers === null ? [] : [answers])];
  return (
    <Cell
      title={order.kind === "pack" ? price : t("wallet.top_up.every", { price, days: SUBSCRIPTION.days })}
      detail={busy ? t("wallet.top_up.opening") : detail.join(" · ")}
      disabled={disabled}
      onClick={onChoose}
      after={<span className="top-up-buy">{t("wallet.top_up.buy")}</span>}
    />
  );
}

function PacksSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section title={t("wallet.top_up.once")}>
        {STAR_PACKS.map((stars) => (
          <Cell key={stars} title={<Skeleton width="30%" />} detail={<Skeleton width="60%" height="0.8em" />} />
        ))}
      </Section>
    </Loading>
  );
}
