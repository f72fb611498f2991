import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

/** The screen's layout while the balance is loading. */
export function WalletSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section>
        <div className="balance">
          <Skeleton width="30%" height="var(--caption)" />
          <Skeleton width="45%" height="var(--figure)" />
          <Skeleton width="60%" />
          <Skeleton height="var(--touch)" />
        </div>
      </Section>
      <Section title={t("wallet.free.title")}>
        <div className="free">
          <Skeleton width="35%" />
          <Skeleton height="6px" />
          <Skeleton width="55%" height="0.8em" />
        </div>
      </Section>
      <Section title={t("wallet.caps.title")}>
        <Cell title={<Skeleton width="40%" />} after={<Skeleton width="3em" />} />
        <Cell title={<Skeleton width="50%" />} after={<Skeleton width="3em" />} />
      </Section>
    </Loading>
  );
}
