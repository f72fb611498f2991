import { useState } from "react";
import type { ContributorOverview, MachineView } from "@starai/protocol/contributor";
import { Button } from "../../components/Button.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { figure } from "../../lib/figures.ts";
import { amountText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";
import { AppealForm } from "./AppealForm.tsx";
import { FactList } from "./FactList.tsx";
import { closingOf, whyOf } from "./machine-words.ts";
import { MachineDay } from "./MachineDay.tsx";
import { MachineScore } from "./MachineScore.tsx";
import { PairUndo } from "./PairUndo.tsx";

interface MachineSheetProps {
  machine: MachineView;
  overview: ContributorOverview;
  onClose: () => void;
}

/** All that is known of a machine, why it gets no or less work, and a word to the operator about it. */
export function MachineSheet({ machine, overview, onClose }: MachineSheetProps) {
  const t = useT();
  const language = useLanguage();
  const [appealing, setAppealing] = useState(false);
  const why = whyOf({ t, language, coin: overview.coin }, machine);
  return (
    <Sheet title={machine.name} onClose={onClose}>
      <div className="sheet-pad machine-sheet">
        {why.length > 0 && (
          <>
            <h3>{t(machine.online ? "machines.why_less" : "machines.why_none")}</h3>
            <ul>
              {why.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </>
        )}
        <MachineDay machine={machine} overview={overview} />
        <MachineScore worker={machine.worker} />
        <h3>{t("machines.facts")}</h3>
        <Facts machine={machine} overview={overview} />
        {appealing ? (
          <AppealForm worker={machine.worker} onDone={onClose} />
        ) : (
          <Button wide onClick={() => setAppealing(true)}>
            {t("machines.appeal")}
          </Button>
        )}
        <PairUndo worker={machine.worker} onDone={onClose} />
      </div>
    </Sheet>
  );
}

function Facts({ machine, overview: { coin, epoch } }: Omit<MachineSheetProps, "onClose">) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const moment = (iso: string) => momentText(new Date(iso), language);
  const facts: [string, string][] = [
    [
      t("machines.fact.paid"),
      amountText(t, { nano: machine.earning, paidWith: "coin", coin }, { language, round: "down" }),
    ],
    ...(machine.heldUntilEpoch === null
      ? []
      : ([[t("machines.fact.held"), momentText(closingOf(machine.heldUntilEpoch, epoch), language)]] as [
          string,
          string,
        ][])),
    [t("machines.fact.models"), machine.models.map(nameOf).join(", ") || "—"],
    [t("machines.fact.speed"), t("app.models.speed", { speed: figure(machine.tokensPerS, language) })],
    [t("machines.fact.ask"), `${machine.askPercent} %`],
    ...(machine.temperatureC === null
      ? []
      : ([[t("machines.fact.temperature"), `${machine.temperatureC} °C`]] as [string, string][])),
    [t("machines.fact.seen"), moment(machine.lastSeenAt)],
    [t("machines.fact.paired"), moment(machine.pairedAt)],
    [t("machines.fact.version"), machine.version || "—"],
    [t("machines.fact.key"), machine.worker.slice(0, 16)],
  ];
  return <FactList facts={facts} />;
}
