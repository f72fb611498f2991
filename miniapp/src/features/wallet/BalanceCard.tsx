import { shortAmount } from "@starai/protocol/amounts";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import type { Money } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { answersOf } from "../../lib/money-words.ts";
import type { PendingPayment } from "./pending-payment.ts";

interface BalanceCardProps {
  money: Money;
  pending: PendingPayment | null;
  onTopUp: () => void;
}

/** The Stars credits, how many answers they are, and the screen's one action. */
export function BalanceCard({ money, pending, onTopUp }: BalanceCardProps) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const { stars, answer } = money;
  const spendable = BigInt(stars.spendable);
  const balance = { balance: spendable, answer: answer.stars, model: nameOf(answer.model) };
  const answers = spendable > 0n ? answersOf(t, balance, language) : null;
  return (
    <Section foot={t("wallet.stars_foot")}>
      <div className="balance">
        <h2 className="balance-name">{t("wallet.stars")}</h2>
        <p className="balance-figure figures">{shortAmount(spendable, { language, round: "down" })}</p>
        <p className="balance-answers">
          {spendable <= 0n ? t("wallet.stars_none") : (answers ?? t("wallet.no_price"))}
        </p>
        {pending !== null && (
          <p className="balance-pending" role="status">
            {t(pending.elsewhere ? "wallet.pending_elsewhere" : "wallet.pending")}
          </p>
        )}
        <Button look="accent" wide onClick={onTopUp}>
          {t("wallet.top_up")}
        </Button>
      </div>
    </Section>
  );
}
