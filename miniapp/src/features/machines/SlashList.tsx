import { useState } from "react";
import type { ContributorOverview, SlashView } from "@starai/protocol/contributor";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { exactText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";
import { AppealForm } from "./AppealForm.tsx";
import { Evidence } from "./Evidence.tsx";

/** Proposals to take a part of the stake, each with its reason; an open one can be answered. */
export function SlashList({ overview: { slashes, coin, nowS } }: { overview: ContributorOverview }) {
  const t = useT();
  const [appealing, setAppealing] = useState(false);
  if (slashes.length === 0) return null;
  return (
    <Section title={t("machines.slashes")} foot={t("machines.slashes_about")}>
      {slashes.map((slash) => (
        <Slash key={slash.id} slash={slash} coin={coin} nowS={nowS} onAppeal={() => setAppealing(true)} />
      ))}
      {appealing && (
        <Sheet title={t("machines.appeal")} onClose={() => setAppealing(false)}>
          <div className="sheet-pad">
            <AppealForm worker={null} onDone={() => setAppealing(false)} />
          </div>
        </Sheet>
      )}
    </Section>
  );
}

interface SlashProps {
  slash: SlashView;
  coin: string;
  /** The chain's time. */
  nowS: number;
  onAppeal: () => void;
}

function Slash({ slash, coin, nowS, onAppeal }: SlashProps) {
  const t = useT();
  const language = useLanguage();
  const { id, amount, reason, state, createdAt, endedAt, disputedUntil, evidenceHash } = slash;
  return (
    <div className="machine-slash">
      <p className="machine-slash-state">
        {t(`machines.slash.${state}`, { amount: exactText(t, { nano: amount, paidWith: "coin", coin }) })}
      </p>
      <p dir="auto">{reason}</p>
      <p className="machine-hint">{momentText(new Date(endedAt ?? createdAt), language)}</p>
      {disputedUntil !== null && (
        <p>
          {t(Date.parse(disputedUntil) > nowS * 1_000 ? "machines.slash_until" : "machines.slash_ripe", {
            time: momentText(new Date(disputedUntil), language),
          })}
        </p>
      )}
      <Evidence slash={id} hash={evidenceHash} />
      {state === "proposed" && <Button onClick={onAppeal}>{t("machines.appeal")}</Button>}
    </div>
  );
}
