import { Cell } from "../../components/Cell.tsx";
import { FigureTileSkeleton } from "../../components/FigureTile.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useT } from "../../lib/app-context.ts";

const FIGURES = ["speed", "paid", "uptime"];
const ROWS = ["55%", "45%", "60%"];

/** The screen's layout while it is loading. */
export function MachinesSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <div className="machine-figures">
        {FIGURES.map((name) => (
          <FigureTileSkeleton key={name} />
        ))}
      </div>
      <Section title={t("machines.pay")}>
        {ROWS.map((width) => (
          <Cell key={width} title={<Skeleton width={width} />} after={<Skeleton width="3em" />} />
        ))}
      </Section>
      <Section title={t("machines.hours")}>
        <div className="machine-plot">
          <Skeleton height="12rem" />
        </div>
      </Section>
    </Loading>
  );
}
