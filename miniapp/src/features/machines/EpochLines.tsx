import type { ContributorOverview, EpochLineView } from "@starai/protocol/contributor";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";

/** What each closed epoch did for each machine, the newest first. */
export function EpochLines({ overview: { lines, coin } }: { overview: ContributorOverview }) {
  const t = useT();
  if (lines.length === 0) return null;
  return (
    <Section title={t("machines.epochs")} foot={t("machines.epochs_about")}>
      {lines.map((line) => (
        <Line key={`${line.epoch} ${line.worker}`} line={line} coin={coin} />
      ))}
    </Section>
  );
}

function Line({ line, coin }: { line: EpochLineView; coin: string }) {
  const t = useT();
  const language = useLanguage();
  const amount = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  const { epoch, name, closedAt, state, availability, released, held } = line;
  const isHeld = released === "0" && held !== "0";
  const words = [
    momentText(new Date(closedAt), language),
    isHeld ? t("machines.line.held") : t(`machines.line.${state}`),
    ...(availability === "0" ? [] : [t("machines.line.availability", { amount: amount(availability) })]),
  ];
  return (
    <Cell
      title={t("machines.line", { epoch, name })}
      detail={words.join(" · ")}
      after={isHeld ? amount(held) : <span className="machine-money">{amount(released)}</span>}
    />
  );
}
