import type { ContributorOverview, MachineView } from "@starai/protocol/contributor";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { FactList } from "./FactList.tsx";
import { skippedText } from "./machine-words.ts";

interface MachineDayProps {
  machine: MachineView;
  overview: ContributorOverview;
}

/** What a machine did in the last 24 hours, and why other machines got the rest. */
export function MachineDay({ machine: { day }, overview: { coin } }: MachineDayProps) {
  const t = useT();
  const language = useLanguage();
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  return (
    <>
      <h3>{t("machines.day")}</h3>
      <FactList
        facts={[
          [t("machines.plot.uptime"), percent.format(day.uptime)],
          [t("machines.plot.jobs"), number.format(day.jobs)],
          [t("machines.day.failed"), number.format(day.failed)],
          [
            t("machines.day.paid"),
            amountText(t, { nano: day.earned, paidWith: "coin", coin }, { language, round: "down" }),
          ],
        ]}
      />
      <h3>{t("machines.skipped")}</h3>
      {day.skipped.length === 0 ? (
        <p className="machine-hint">{t(day.uptime === 0 ? "machines.skipped_away" : "machines.skipped_none")}</p>
      ) : (
        <>
          <FactList facts={day.skipped.map((one) => [t(`machine.skipped.${one.why}`), skippedText(one, language)])} />
          <p className="machine-hint">{t("machines.skipped_about")}</p>
        </>
      )}
    </>
  );
}
