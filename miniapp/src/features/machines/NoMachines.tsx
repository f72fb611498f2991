import { Link } from "wouter";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { Placeholder } from "../../components/Placeholder.tsx";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { paidText } from "../../lib/paid-words.ts";

/** What a machine does here, and the one step for those whose machine shows a code already. */
export function NoMachines({ overview: { coin, distributor } }: { overview: ContributorOverview }) {
  const t = useT();
  const language = useLanguage();
  const paid = paidText(t, { coin: distributor === null ? null : coin, language });
  return (
    <Placeholder
      icon="chip"
      title={t("machines.none")}
      text={t("machines.none_text", { paid })}
      action={
        <Link href="/machines/pair" className="button button-accent">
          {t("machines.enter_code")}
        </Link>
      }
    />
  );
}
