import { STAKE_MIN } from "@starai/protocol/contributor";
import { Section } from "../../../components/Section.tsx";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { amountText, exactText } from "../../../lib/money-words.ts";
import { momentText } from "../../../lib/when.ts";
import { Fact, Facts } from "../Facts.tsx";
import type { StakeProps } from "./stake-props.ts";

/** How much stands behind the machines, what that means for each, and what is on its way back or disputed. */
export function StakeFigures({ chain: { coin }, mine: { machines, disputedUntil }, view }: StakeProps) {
  const t = useT();
  const language = useLanguage();
  const amount = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  const exact = (nano: string) => exactText(t, { nano, paidWith: "coin", coin });
  const isEnough = BigInt(view.perMachine) >= STAKE_MIN;
  const least = amount(String(STAKE_MIN));
  const foot =
    machines === 0
      ? t("machines.stake.no_machines")
      : t(isEnough ? "machines.stake.enough" : "machines.stake.too_little", { stake: least });
  return (
    <Section foot={foot}>
      <div className="coins-balance">
        <span className="coins-name">{t("machines.stake.now")}</span>
        <span className="coins-figure figures">{amount(view.stake)}</span>
        <Facts>
          {machines > 0 && (
            <Fact name={t("machines.stake.per_machine", { count: machines })}>{exact(view.perMachine)}</Fact>
          )}
          {view.unbonding !== "0" && <Fact name={t("machines.unbonding")}>{exact(view.unbonding)}</Fact>}
          {view.disputed !== "0" && <Fact name={t("machines.disputed")}>{exact(view.disputed)}</Fact>}
        </Facts>
        {disputedUntil !== null && (
          <p className="coins-hint">
            {t("machines.stake.disputed_text", { time: momentText(new Date(disputedUntil), language) })}
          </p>
        )}
      </div>
    </Section>
  );
}
