/** The last 24 hours: a plot of one series at a time, and the same data as a table. */
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { PlotSkeleton, SeriesPlot } from "../../components/SeriesPlot.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact, figure } from "../../lib/figures.ts";
import type { PoolDay } from "@starai/protocol/pool-history";
import { HourTable } from "./HourTable.tsx";
import { most, total } from "./series.ts";
import { usePoolHistory } from "./use-pool.ts";

const SERIES = [
  { values: "tokensPerS", name: "app.pool.plot_speed", unit: "app.pool.plot_unit_speed" },
  { values: "workers", name: "app.pool.plot_workers", unit: "app.pool.plot_unit_workers" },
  { values: "answers", name: "app.pool.plot_answers", unit: "app.pool.plot_unit_answers" },
] as const;

export function PoolHistory() {
  const t = useT();
  const { data, error, refetch } = usePoolHistory();
  return (
    <Section title={t("app.pool.history")}>
      <div className="pool-history">
        {data !== undefined ? (
          <History day={data} />
        ) : error === null ? (
          <PlotSkeleton />
        ) : (
          <div className="pool-history-empty" role="alert">
            <p>{t("app.pool.history_failed")}</p>
            <Button onClick={() => void refetch()}>{t("app.retry")}</Button>
          </div>
        )}
      </div>
    </Section>
  );
}

function History({ day }: { day: PoolDay }) {
  const t = useT();
  const language = useLanguage();
  if (day.workers.every((value) => value === null))
    return <p className="pool-history-empty">{t("app.pool.history_empty")}</p>;
  const summary = t("app.pool.history_summary", {
    speed: figure(most(day.tokensPerS), language),
    workers: compact(most(day.workers), language),
    answers: compact(total(day.answers), language),
  });
  const series = SERIES.map(({ values, name, unit }) => ({ values: day[values], name: t(name), unit: t(unit) }));
  return (
    <>
      <SeriesPlot id="pool-series" series={series} from={day.from} step={60} summary={summary} />
      <HourTable day={day} />
    </>
  );
}
