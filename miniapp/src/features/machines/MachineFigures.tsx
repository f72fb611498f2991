import type { ContributorOverview } from "@starai/protocol/contributor";
import { FigureTile } from "../../components/FigureTile.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { compact, figure } from "../../lib/figures.ts";
import { lastDay } from "./machine-words.ts";

/** All machines together: now, and over the last day. */
export function MachineFigures({ overview: { machines, hours } }: { overview: ContributorOverview }) {
  const t = useT();
  const language = useLanguage();
  const speed = machines.reduce((sum, { tokensPerS }) => sum + tokensPerS, 0);
  const { jobs, uptime } = lastDay(hours);
  const online = machines.filter((machine) => machine.online).length;
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  return (
    <dl className="machine-figures figures">
      <FigureTile value={figure(speed, language)} name={t("machines.now")} />
      <FigureTile value={`${online}/${machines.length}`} name={t("machines.online")} />
      <FigureTile value={compact(jobs, language)} name={t("machines.jobs_day")} />
      <FigureTile value={percent.format(uptime)} name={t("machines.uptime_day")} />
    </dl>
  );
}
