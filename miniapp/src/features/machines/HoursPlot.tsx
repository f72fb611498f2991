import type { ContributorOverview } from "@starai/protocol/contributor";
import { Section } from "../../components/Section.tsx";
import { SeriesPlot } from "../../components/SeriesPlot.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact } from "../../lib/figures.ts";
import { amountText } from "../../lib/money-words.ts";
import { coinsOf } from "./machine-words.ts";

const HOUR_S = 3_600;
const PERCENT = 100;

/** The last two days by the hour: pay, answers, tokens and uptime, as a plot and as a table. */
export function HoursPlot({ overview: { hours, coin } }: { overview: ContributorOverview }) {
  const t = useT();
  const language = useLanguage();
  const first = hours[0];
  if (first === undefined) return null;
  const paid = String(hours.reduce((sum, { earned }) => sum + BigInt(earned), 0n));
  const jobs = hours.reduce((sum, one) => sum + one.jobs, 0);
  const series = [
    {
      name: t("machines.plot.pay"),
      unit: t("machines.plot.unit_pay", { coin }),
      values: hours.map(({ earned }) => coinsOf(earned)),
    },
    { name: t("machines.plot.jobs"), unit: t("machines.plot.unit_jobs"), values: hours.map((hour) => hour.jobs) },
    {
      name: t("machines.plot.tokens"),
      unit: t("machines.plot.unit_tokens"),
      values: hours.map(({ tokens }) => tokens),
    },
    {
      name: t("machines.plot.uptime"),
      unit: t("machines.plot.unit_uptime"),
      values: hours.map(({ uptime }) => uptime * PERCENT),
    },
  ];
  const summary = t("machines.hours_summary", {
    paid: amountText(t, { nano: paid, paidWith: "coin", coin }, { language, round: "down" }),
    jobs: compact(jobs, language),
  });
  return (
    <Section title={t("machines.hours")}>
      <div className="machine-plot">
        <SeriesPlot
          id="machine-series"
          series={series}
          from={Date.parse(first.hour) / 1_000}
          step={HOUR_S}
          summary={summary}
        />
        <HoursTable hours={hours} coin={coin} />
      </div>
    </Section>
  );
}

/** For screen readers and for exact figures; the newest first, without the hours of nothing. */
function HoursTable({ hours, coin }: Pick<ContributorOverview, "hours" | "coin">) {
  const t = useT();
  const language = useLanguage();
  const time = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const worked = hours.filter(({ uptime, jobs, failed }) => uptime > 0 || jobs + failed > 0).reverse();
  if (worked.length === 0) return null;
  return (
    <details className="plot-table">
      <summary>{t("app.pool.table")}</summary>
      <div className="plot-table-scroll" tabIndex={0} role="group" aria-label={t("machines.hours")}>
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">{t("app.pool.table_hour")}</th>
              <th scope="col">{coin}</th>
              <th scope="col">{t("machines.table.jobs")}</th>
              <th scope="col">{t("machines.table.failed")}</th>
              <th scope="col">{t("machines.table.uptime")}</th>
            </tr>
          </thead>
          <tbody>
            {worked.map(({ hour, earned, jobs, failed, uptime }) => (
              <tr key={hour}>
                <th scope="row">{time.format(new Date(hour))}</th>
                <td>{new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(coinsOf(earned))}</td>
                <td>{compact(jobs, language)}</td>
                <td>{compact(failed, language)}</td>
                <td>{percent.format(uptime)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
