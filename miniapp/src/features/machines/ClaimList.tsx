import type { ContributorOverview } from "@starai/protocol/contributor";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import { useChain } from "../../data/use-chain.ts";
import { useApp, useLanguage, useT } from "../../lib/app-context.ts";
import { changeText } from "../../lib/money-words.ts";
import { transactionLink } from "../../lib/people-address.ts";
import { momentText } from "../../lib/when.ts";

/** What the wallet claimed, the newest first; each opens its transaction where it is known. */
export function ClaimList({ overview: { claims, coin, distributor } }: { overview: ContributorOverview }) {
  const t = useT();
  const language = useLanguage();
  const { telegram } = useApp();
  const network = useChain().data?.network;
  if (distributor === null) return null;
  return (
    <Section title={t("machines.claims")}>
      {claims.length === 0 && <Cell title={t("machines.claims_none")} />}
      {claims.map(({ at, amount, transaction }, place) => (
        <Cell
          key={transaction ?? `${at} ${place}`}
          title={t("machines.claims_line")}
          detail={[momentText(new Date(at), language), coin].join(" · ")}
          after={<span className="machine-money">{changeText(amount, language)}</span>}
          {...(transaction !== null &&
            network !== undefined && {
              onClick: () => telegram.open(transactionLink(transaction, network, location.href)),
            })}
        />
      ))}
    </Section>
  );
}
