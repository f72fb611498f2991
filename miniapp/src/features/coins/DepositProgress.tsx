import type { ReactNode } from "react";
import { Link } from "wouter";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { useNow } from "../../lib/use-now.ts";
import { Again } from "./Again.tsx";
import type { DepositPhase } from "./deposit-phase.ts";
import { ExplorerLink } from "./ExplorerLink.tsx";
import type { Deposit } from "./use-deposit.ts";

type Shown = Exclude<DepositPhase, "none">;

interface DepositProgressProps {
  deposit: Deposit;
  chain: Chain;
  /** Called when the person wants another payment although this one may have been made; null where another screen asks. */
  onAgain: (() => void) | null;
}

/** How far the latest deposit is, in a sentence, and what can be done about it. Nothing where none is under way. */
export function DepositProgress({ deposit, chain, onAgain }: DepositProgressProps) {
  const t = useT();
  const language = useLanguage();
  const { phase, invoice } = deposit;
  if (phase === "none" || invoice === null) return <div role="status" />;
  const { network, coin } = chain;
  const amount = amountText(t, { nano: invoice.amount, paidWith: "coin", coin }, { language, round: "down" });
  return (
    <Section title={t("wallet.coins.deposit_title", { amount })}>
      <div className={`coins-progress coins-${phase}`}>
        <div role="status">
          <p className="coins-phase">{t(`wallet.coins.deposit.${phase}`)}</p>
          <p className="coins-hint">{t(`wallet.coins.deposit_text.${phase}`)}</p>
          {phase === "sent" && <Slow since={invoice.expiresAt} />}
        </div>
        {invoice.transaction !== null && <ExplorerLink transaction={invoice.transaction} network={network} />}
        <Actions deposit={deposit} phase={phase} onAgain={onAgain} />
      </div>
    </Section>
  );
}

/** Once the invoice is old, people should know that nothing is lost. */
function Slow({ since }: { since: string }) {
  const t = useT();
  const now = useNow(10_000);
  return now.getTime() > Date.parse(since) ? <p className="coins-hint">{t("wallet.coins.deposit_slow")}</p> : null;
}

interface ActionsProps extends Pick<DepositProgressProps, "deposit" | "onAgain"> {
  phase: Shown;
}

function Actions({ deposit: { keep, kept }, phase, onAgain }: ActionsProps): ReactNode {
  const t = useT();
  if (phase === "credited" || phase === "expired")
    return <Button onClick={() => keep(null)}>{t(phase === "credited" ? "wallet.done" : "app.close")}</Button>;
  // While the wallet is being asked, and while it says that it sent it, there is nothing to be done.
  if (phase !== "unknown" && !(phase === "sent" && kept?.state !== "dispatched")) return null;
  return onAgain === null ? (
    <Link href="/wallet/coins/top-up" className="button button-quiet">
      {t("wallet.coins.deposit_again")}
    </Link>
  ) : (
    <Again
      title={t("wallet.coins.deposit_again")}
      text={t("wallet.coins.deposit_again_text")}
      action={t("wallet.coins.deposit_again_button")}
      onAgain={onAgain}
    />
  );
}
