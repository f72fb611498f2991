import { Cell } from "../../components/Cell.tsx";
import { FigureTileSkeleton } from "../../components/FigureTile.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

const FIGURES = ["speed", "machines", "answers"];
const ROWS = ["50%", "40%"];

/** The page's layout while its figures are loading. */
export function PoolSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="pool-figures">
        {FIGURES.map((name) => (
          <FigureTileSkeleton key={name} />
        ))}
      </div>
      <Section title={t("app.pool.history")}>
        <div className="pool-history">
          <Skeleton height="12rem" />
        </div>
      </Section>
      <Section title={t("app.pool.models")}>
        {ROWS.map((width) => (
          <Cell key={width} title={<Skeleton width={width} />} detail={<Skeleton width="70%" height="0.8em" />} />
        ))}
      </Section>
    </Loading>
  );
}
