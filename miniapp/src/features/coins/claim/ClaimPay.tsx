/** The button that brings a contributor's pay to their wallet, and how far it is. Nothing where there is nothing to bring. */
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { Button } from "../../../components/Button.tsx";
import { useChain } from "../../../data/use-chain.ts";
import type { Chain } from "../../../data/use-chain.ts";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { amountText } from "../../../lib/money-words.ts";
import { ActProgress } from "../ActProgress.tsx";
import { useClaim } from "./use-claim.ts";
import "../../../lib/late-texts.ts";
import "../coins.css";

export default function ClaimPay({ overview }: { overview: ContributorOverview }) {
  const { data: chain } = useChain();
  const { distributor, wallet } = overview;
  if (chain === undefined || chain === null || distributor === null || wallet === null) return null;
  return <Claim chain={chain} overview={overview} distributor={distributor} />;
}

interface ClaimProps {
  chain: Chain;
  overview: ContributorOverview;
  distributor: string;
}

function Claim({ chain, overview, distributor }: ClaimProps) {
  const t = useT();
  const language = useLanguage();
  const claim = useClaim(chain, overview);
  const { phase, ask } = claim;
  const { earnings, coin } = overview;
  const isReady = BigInt(earnings.claimableNow) > 0n;
  const said = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  const isEarly = BigInt(earnings.claimableNow) < EARNING_TERMS.claimFrom;
  if (phase === "none")
    return (
      isReady && (
        <div className="coins-progress">
          <Button look="accent" wide busy={ask.isPending} onClick={() => ask.mutate(distributor)}>
            {t("machines.claim", { amount: said(earnings.claimableNow) })}
          </Button>
          <p className="coins-hint">
            {isEarly
              ? t("machines.claim_early", { amount: said(String(EARNING_TERMS.claimFrom)) })
              : t("machines.claim_about")}
          </p>
        </div>
      )
    );
  return (
    <ActProgress
      act={claim}
      title={t(`machines.claim_phase.${phase}`)}
      text={t(`machines.claim_text.${phase}`)}
      again={{
        title: t("machines.claim_again"),
        text: t("machines.claim_again_text"),
        action: t("machines.claim_again"),
      }}
    />
  );
}
