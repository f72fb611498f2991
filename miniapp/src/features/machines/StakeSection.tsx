import { STAKE_MIN } from "@starai/protocol/contributor";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";

/** What stands behind the machines, and what is on its way back; more is on its own screen. */
export function StakeSection({ overview: { stake, coin, machines, distributor } }: { overview: ContributorOverview }) {
  const t = useT();
  const language = useLanguage();
  if (distributor === null) return null;
  const amount = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  const least = amount(String(STAKE_MIN));
  const isEnough = stake !== null && BigInt(stake.perMachine) >= STAKE_MIN;
  return (
    <Section title={t("machines.stake")} foot={isEnough ? undefined : t("machines.stake_least", { stake: least })}>
      <Cell
        title={stake === null || stake.stake === "0" ? t("machines.stake_none") : t("machines.stake_there")}
        detail={
          stake === null || machines.length < 2 || stake.stake === "0"
            ? undefined
            : t("machines.stake_each", { stake: amount(stake.perMachine) })
        }
        after={stake === null ? undefined : amount(stake.stake)}
        href="/machines/stake"
      />
      {stake !== null && stake.unbonding !== "0" && (
        <Cell
          title={t("machines.unbonding")}
          detail={
            stake.unbondAt === null
              ? undefined
              : t("machines.unbond_at", { time: momentText(new Date(stake.unbondAt), language) })
          }
          after={amount(stake.unbonding)}
        />
      )}
      {stake !== null && stake.disputed !== "0" && (
        <Cell title={t("machines.disputed")} after={amount(stake.disputed)} />
      )}
    </Section>
  );
}
