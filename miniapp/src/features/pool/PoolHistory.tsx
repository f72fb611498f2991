/** The last 24 hours: a plot of one series at a time, and the same data as a table. */
import { Suspense, useState } from "react";
import { Button } from "../../components/Button.tsx";
import { ErrorBoundary } from "../../components/ErrorBoundary.tsx";
import { Section } from "../../components/Section.tsx";
import { Loading, Skeleton } from "../../components/Skeleton.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact, figure } from "../../lib/figures.ts";
import { lazyPart } from "../../lib/lazy-part.tsx";
import type { PoolDay } from "@starai/protocol/pool-history";
import { HourTable } from "./HourTable.tsx";
import { most, total } from "./series.ts";
import { usePoolHistory } from "./use-pool.ts";

const PoolPlot = lazyPart(() => import("./PoolPlot.tsx"));

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
  const [shown, setShown] = useState<(typeof SERIES)[number]>(SERIES[0]);
  if (day.workers.every((value) => value === null))
    return <p className="pool-history-empty">{t("app.pool.history_empty")}</p>;
  const summary = t("app.pool.history_summary", {
    speed: figure(most(day.tokensPerS), language),
    workers: compact(most(day.workers), language),
    answers: compact(total(day.answers), language),
  });
  return (
    <>
      <fieldset className="pool-series">
        <legend className="visually-hidden">{t("app.pool.plot_which")}</legend>
        {SERIES.map((series) => (
          <label key={series.values} className="pool-series-choice">
            <input
              type="radio"
              name="pool-series"
              className="visually-hidden"
              checked={shown === series}
              onChange={() => setShown(series)}
            />
            {t(series.name)}
          </label>
        ))}
      </fieldset>
      <ErrorBoundary face={plotFallback(summary)}>
        <Suspense fallback={<PlotSkeleton />}>
          <PoolPlot
            key={language}
            from={day.from}
            values={day[shown.values]}
            unit={t(shown.unit)}
            summary={summary}
            language={language}
          />
        </Suspense>
      </ErrorBoundary>
      <HourTable day={day} />
    </>
  );
}

/** The summary sentence, shown when the plot cannot be loaded. */
function plotFallback(summary: string) {
  return () => <p className="pool-history-empty">{summary}</p>;
}

function PlotSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Skeleton height="12rem" />
    </Loading>
  );
}
