import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

/** The screen's layout while the chain's half of the wallet is loading. */
export function CoinsSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section>
        <div className="coins-balance">
          <Skeleton width="30%" height="var(--caption)" />
          <Skeleton width="45%" height="var(--figure)" />
          <Skeleton width="60%" />
          <Skeleton height="var(--touch)" />
        </div>
      </Section>
      <Section title={t("wallet.coins.wallet")}>
        <Cell title={<Skeleton width="50%" />} detail={<Skeleton width="70%" height="0.8em" />} />
      </Section>
      <Section title={t("wallet.coins.deposits")}>
        <Cell title={<Skeleton width="40%" />} after={<Skeleton width="3em" />} />
      </Section>
    </Loading>
  );
}
