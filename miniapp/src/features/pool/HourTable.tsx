import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact, figure } from "../../lib/figures.ts";
import type { PoolDay } from "@starai/protocol/pool-history";
import { byHour } from "./series.ts";

/** The plot's data as a table of hours, for screen readers and for exact figures. */
export function HourTable({ day }: { day: PoolDay }) {
  const t = useT();
  const language = useLanguage();
  const hour = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  return (
    <details className="plot-table">
      <summary>{t("app.pool.table")}</summary>
      <div className="plot-table-scroll" tabIndex={0} role="group" aria-label={t("app.pool.history")}>
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">{t("app.pool.table_hour")}</th>
              <th scope="col">{t("app.pool.table_speed")}</th>
              <th scope="col">{t("app.pool.table_workers")}</th>
              <th scope="col">{t("app.pool.table_answers")}</th>
            </tr>
          </thead>
          <tbody>
            {byHour(day).map((row) => (
              <tr key={row.at.getTime()}>
                <th scope="row">{hour.format(row.at)}</th>
                <td>{figure(row.tokensPerS, language)}</td>
                <td>{compact(row.workersMost, language)}</td>
                <td>{compact(row.answers, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
