/** A plot of one of several series at a time; what it shows is chosen above it. */
import { Suspense, useState } from "react";
import { useLanguage, useT } from "../lib/app-context.ts";
import { lazyPart } from "../lib/lazy-part.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { Loading, Skeleton } from "./Skeleton.tsx";
import "./SeriesPlot.css";

const LinePlot = lazyPart(() => import("./LinePlot.tsx"));

export interface Series {
  name: string;
  unit: string;
  /** Null is a gap in the line. */
  values: (number | null)[];
}

interface SeriesPlotProps {
  /** Unlike that of any other plot of the page. */
  id: string;
  series: readonly Series[];
  /** Start of the first value's time, seconds since 1970. */
  from: number;
  /** Seconds from one value to the next. */
  step: number;
  /** Everything in a sentence, for people who cannot see it. */
  summary: string;
}

export function SeriesPlot({ id, series, from, step, summary }: SeriesPlotProps) {
  const t = useT();
  const language = useLanguage();
  const [at, setAt] = useState(0);
  const shown = series[at] ?? series[0];
  return (
    <>
      <fieldset className="plot-series">
        <legend className="visually-hidden">{t("app.pool.plot_which")}</legend>
        {series.map(({ name }, index) => (
          <label key={name} className="plot-series-choice">
            <input
              type="radio"
              name={id}
              className="visually-hidden"
              checked={at === index}
              onChange={() => setAt(index)}
            />
            {name}
          </label>
        ))}
      </fieldset>
      {shown !== undefined && (
        <ErrorBoundary face={fallback(summary)}>
          <Suspense fallback={<PlotSkeleton />}>
            <LinePlot key={language} {...{ from, step, summary, language }} values={shown.values} unit={shown.unit} />
          </Suspense>
        </ErrorBoundary>
      )}
    </>
  );
}

/** The sentence, where the plot cannot be loaded. */
function fallback(summary: string) {
  return () => <p className="plot-failed">{summary}</p>;
}

export function PlotSkeleton() {
  const t = useT();
  return (
    <Loading label={t("app.loading")}>
      <Skeleton height="12rem" />
    </Loading>
  );
}
