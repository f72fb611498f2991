import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

const ROWS = ["50%", "35%", "60%", "45%"];

/** The layout of a day while the history is loading. */
export function HistorySkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Section title={<Skeleton width="5em" />}>
        {ROWS.map((width) => (
          <Cell
            key={width}
            title={<Skeleton width={width} />}
            detail={<Skeleton width="25%" height="0.8em" />}
            after={<Skeleton width="4em" />}
          />
        ))}
      </Section>
    </Loading>
  );
}
