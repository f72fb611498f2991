import type { ReactNode } from "react";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import type { Language, Translate } from "@starai/protocol/texts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { momentText } from "../../lib/when.ts";
import { paidText } from "../../lib/paid-words.ts";
import { heldUntil } from "./machine-words.ts";

/** Where the pay is: still being made, held back, ready for the wallet, or there. @param children  what brings it there */
export function PaySection({ overview, children }: { overview: ContributorOverview; children: ReactNode }) {
  const t = useT();
  const language = useLanguage();
  const { earnings, epoch, coin, wallet, distributor } = overview;
  const paid = paidText(t, { coin: distributor === null ? null : coin, language });
  const amount = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  const moment = (iso: string) => momentText(new Date(iso), language);
  const until = heldUntil(overview);
  return (
    <Section title={t("machines.pay")} foot={t("machines.pay_about", { paid })}>
      <Cell
        title={t("machines.running")}
        detail={t("machines.running_text", { epoch: epoch.number, time: moment(epoch.endsAt) })}
        after={<span className="machine-money">{amount(earnings.running)}</span>}
      />
      {earnings.stars !== "0" && (
        <Cell
          wide
          title={t("machines.stars")}
          detail={t("machines.stars_text", { coin })}
          after={amountText(t, { nano: earnings.stars, paidWith: "stars", coin }, { language, round: "down" })}
        />
      )}
      {(earnings.held !== "0" || until !== null) && (
        <Cell
          title={t("machines.held")}
          detail={
            until === null ? t("machines.held_wallet") : t("machines.held_text", { time: momentText(until, language) })
          }
          after={amount(earnings.held)}
        />
      )}
      <Cell
        title={t("machines.claimable")}
        detail={wallet === null ? t("machines.no_wallet") : laterText(overview, { t, language })}
        after={<span className="machine-money">{amount(earnings.claimable)}</span>}
        {...(wallet === null && { href: "/wallet/coins" })}
      />
      {children}
      {earnings.claimed !== "0" && <Cell title={t("machines.claimed")} after={amount(earnings.claimed)} />}
    </Section>
  );
}

/** What the open root does not pay yet comes with the next one. */
function laterText(
  { earnings, epoch, coin }: ContributorOverview,
  { t, language }: { t: Translate; language: Language },
): string | undefined {
  const later = BigInt(earnings.claimable) - BigInt(earnings.claimableNow);
  if (later <= 0n || epoch.claimableAt === null) return undefined;
  const time = momentText(new Date(epoch.claimableAt), language);
  if (earnings.claimableNow === "0") return t("machines.claimable_from", { time });
  const amount = amountText(t, { nano: String(later), paidWith: "coin", coin }, { language, round: "down" });
  return t("machines.claimable_part", { amount, time });
}
