import { useState } from "react";
import type { ContributorOverview, MachineView } from "@starai/protocol/contributor";
import { Badge } from "../../components/Badge.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { figure } from "../../lib/figures.ts";
import { useNow } from "../../lib/use-now.ts";
import { shortWhen } from "../../lib/when.ts";
import { MachineSheet } from "./MachineSheet.tsx";
import { whyOf } from "./machine-words.ts";

/** Each machine with what it does, or with the first reason why it does nothing; it opens all that is known of it. */
export function MachineList({ overview }: { overview: ContributorOverview }) {
  const t = useT();
  const [opened, setOpened] = useState<string | null>(null);
  const { machines } = overview;
  // Of the newest overview: it goes on while it is open.
  const shown = machines.find(({ worker }) => worker === opened);
  if (machines.length === 0) return null;
  return (
    <Section title={t("machines.list")}>
      {machines.map((machine) => (
        <MachineRow
          key={machine.worker}
          machine={machine}
          coin={overview.coin}
          onOpen={() => setOpened(machine.worker)}
        />
      ))}
      {shown !== undefined && <MachineSheet machine={shown} overview={overview} onClose={() => setOpened(null)} />}
    </Section>
  );
}

function MachineRow({ machine, coin, onOpen }: { machine: MachineView; coin: string; onOpen: () => void }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const now = useNow();
  const { name, online, models, tokensPerS, running, lastSeenAt, day } = machine;
  const [why] = whyOf({ t, language, coin }, machine);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const uptime = t("machines.uptime", { uptime: percent.format(day.uptime) });
  const facts = online
    ? [
        ...models.map(nameOf),
        t("app.models.speed", { speed: figure(tokensPerS, language) }),
        ...(running === 0 ? [] : [t("machines.answering", { running })]),
        uptime,
      ]
    : [t("machines.seen", { time: shortWhen(new Date(lastSeenAt), now, language) }), uptime];
  return (
    <Cell
      title={name}
      detail={
        <>
          <span className="figures">{facts.join(" · ")}</span>
          {why !== undefined && <span className="machine-why">{why}</span>}
        </>
      }
      after={<StateBadge machine={machine} />}
      onClick={onOpen}
    />
  );
}

function StateBadge({ machine: { online, why } }: { machine: MachineView }) {
  const t = useT();
  if (why.includes("banned")) return <Badge look="bad">{t("machines.state.banned")}</Badge>;
  if (!online) return <Badge>{t("machines.state.offline")}</Badge>;
  return why.length === 0 ? (
    <Badge look="ok">{t("machines.state.works")}</Badge>
  ) : (
    <Badge look="warn">{t("machines.state.limited")}</Badge>
  );
}
