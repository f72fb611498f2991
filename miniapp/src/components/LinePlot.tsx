/** A line plot of one series over time. It includes uPlot, so it is loaded only when shown. */
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { figure } from "../lib/figures.ts";
import "./LinePlot.css";

export interface LinePlotProps {
  /** Start of the first value's time, seconds since 1970. */
  from: number;
  /** Seconds from one value to the next. */
  step: number;
  /** Null is a gap in the line. */
  values: (number | null)[];
  unit: string;
  /** The plot in one sentence, for people who cannot see it. */
  summary: string;
  language: string;
}

const HEIGHT_PX = 168;
/** An hour's label and the air around it, in widths of a letter. */
const LABEL_EM = 5;
const DIGIT_EM = 0.6;
const DAY_S = 24 * 3_600;

export default function LinePlot({ from, step, values, unit, summary, language }: LinePlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [pointed, setPointed] = useState<number | null>(null);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const drawn = new uPlot(optionsOf(element, language, setPointed), [[], []], element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    // Telegram changes its theme by CSS variables on the root, after which the canvas must be redrawn.
    const themed = new MutationObserver(() => drawn.redraw(false, true));
    themed.observe(document.documentElement, { attributes: true });
    return () => {
      resized.disconnect();
      themed.disconnect();
      drawn.destroy();
    };
  }, [language]);

  useEffect(() => {
    plot.current?.setData([values.map((_, at) => from + at * step), values]);
  }, [from, step, values]);

  const value = pointed === null ? null : (values[pointed] ?? null);
  return (
    <figure className="plot">
      <div ref={frame} className="plot-frame" role="img" aria-label={summary} />
      <figcaption className="plot-caption figures">
        {pointed !== null && value !== null
          ? `${clock(from + pointed * step, language)} · ${tickText(value, language)} `
          : ""}
        {unit}
      </figcaption>
    </figure>
  );
}

function optionsOf(element: HTMLElement, language: string, point: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(element);
  const em = Number.parseFloat(style.fontSize);
  const labelsPerDay = element.clientWidth < em * LABEL_EM * 5 ? 2 : 4;
  // A canvas cannot use CSS variables: LinePlot.css assigns the theme colours to properties of the frame, where they resolve.
  const axis: uPlot.Axis = {
    font: `${style.fontSize} ${style.fontFamily}`,
    stroke: () => style.color,
    grid: { stroke: () => style.borderBlockEndColor, width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [8, (em * LABEL_EM) / 2, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { size: 8 } },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: (_plot, _axis, from, to) => wholeHours(from, to, apartFor(to - from, labelsPerDay)),
        values: ({ scales: { x } }, seconds) =>
          seconds.map((second) => timeText(second, { isLong: isLong((x?.max ?? 0) - (x?.min ?? 0)), language })),
        size: em * 2,
      },
      {
        ...axis,
        values: (_plot, ticks) => ticks.map((tick) => tickText(tick, language)),
        // As wide as its longest label.
        size: (_plot, labels) =>
          em * Math.max(3, 1 + DIGIT_EM * Math.max(0, ...(labels ?? []).map(({ length }) => length))),
      },
    ],
    series: [
      {},
      {
        stroke: () => style.caretColor,
        fill: () => style.outlineColor,
        width: 2,
        points: { show: false },
        spanGaps: false,
      },
    ],
    hooks: { setCursor: [({ cursor: { idx } }) => point(idx ?? null)] },
  };
}

/** Whole hours in the person's time zone, midnight included, spaced so that their labels do not touch. */
function wholeHours(from: number, to: number, hoursApart: number): number[] {
  const first = new Date(from * 1_000);
  first.setMinutes(0, 0, 0);
  const hours: number[] = [];
  for (let hour = first; hour.getTime() <= to * 1_000; hour = new Date(hour.getTime() + 3_600_000))
    if (hour.getTime() >= from * 1_000 && hour.getHours() % hoursApart === 0) hours.push(hour.getTime() / 1_000);
  return hours;
}

/** What is small, as amounts of coins are, keeps two digits that say something. */
function tickText(value: number, language: string): string {
  if (value === 0 || value >= 1) return figure(value, language);
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(value);
}

/** More than a day, where an hour alone does not say which. */
const isLong = (seconds: number) => seconds > DAY_S * 1.1;

/** Hours between two labels, so that there are as many as there is room for. */
function apartFor(seconds: number, labelsPerDay: number): number {
  return (24 / labelsPerDay) * (isLong(seconds) ? 2 : 1);
}

/** Of a longer time midnight is named by its day. */
function timeText(second: number, { isLong, language }: { isLong: boolean; language: string }): string {
  const at = new Date(second * 1_000);
  if (isLong && at.getHours() === 0) return new Intl.DateTimeFormat(language, { weekday: "short" }).format(at);
  return shortClock(second, language);
}

/** "12 AM" rather than "12:00 AM"; "00:00" stays, because "00" alone says nothing. */
function shortClock(second: number, language: string): string {
  return clock(second, language).replace(/:00(?=\s)/u, "");
}

function clock(second: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(second * 1_000);
}
