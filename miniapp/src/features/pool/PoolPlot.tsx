/** A line plot of one series of the pool's last day. It includes uPlot, so it is loaded only when shown. */
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { figure } from "../../lib/figures.ts";

export interface PoolPlotProps {
  /** Start of the first minute, seconds since 1970. */
  from: number;
  /** One value per minute; null is a gap in the line. */
  values: (number | null)[];
  unit: string;
  /** The plot in one sentence, for people who cannot see it. */
  summary: string;
  language: string;
}

const HEIGHT_PX = 168;
/** An hour's label and the air around it, in widths of a letter. */
const LABEL_EM = 5;

export default function PoolPlot({ from, values, unit, summary, language }: PoolPlotProps) {
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
    plot.current?.setData([values.map((_, minute) => from + minute * 60), values]);
  }, [from, values]);

  const value = pointed === null ? null : (values[pointed] ?? null);
  return (
    <figure className="pool-plot">
      <div ref={frame} className="pool-plot-frame" role="img" aria-label={summary} />
      <figcaption className="pool-plot-caption figures">
        {pointed !== null && value !== null
          ? `${clock(from + pointed * 60, language)} · ${figure(value, language)} `
          : ""}
        {unit}
      </figcaption>
    </figure>
  );
}

function optionsOf(element: HTMLElement, language: string, point: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(element);
  const em = Number.parseFloat(style.fontSize);
  const hoursApart = element.clientWidth < em * LABEL_EM * 5 ? 12 : 6;
  // A canvas cannot use CSS variables: pool.css assigns the theme colours to properties of the frame, where they resolve.
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
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: (_plot, _axis, from, to) => wholeHours(from, to, hoursApart),
        values: (_plot, seconds) => seconds.map((second) => shortClock(second, language)),
        size: em * 2,
      },
      {
        ...axis,
        values: (_plot, ticks) => ticks.map((tick) => figure(tick, language)),
        size: em * 3,
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

/** "12 AM" rather than "12:00 AM"; "00:00" stays, because "00" alone says nothing. */
function shortClock(second: number, language: string): string {
  return clock(second, language).replace(/:00(?=\s)/u, "");
}

function clock(second: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(second * 1_000);
}
