import { Button } from "../../components/Button.tsx";
import { Icon } from "../../components/Icon.tsx";
import type { Money } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";
import { useNow } from "../../lib/use-now.ts";
import type { PendingPayment } from "./pending-payment.ts";

/** After this long people should know that nothing is lost, and whom to ask. */
const SLOW_AFTER_MS = 30_000;

interface TopUpWaitingProps {
  /** Null once it is credited. */
  pending: PendingPayment | null;
  money: Money;
  /** Back to the packs. */
  onAgain: () => void;
  onClose: () => void;
}

/** After the payment: the wait for the credit, which needs nobody to look at it, and the credit. */
export function TopUpWaiting({ pending, money, onAgain, onClose }: TopUpWaitingProps) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(5_000);
  const { stars, coin } = money;
  const balance = amountText(t, { nano: stars.spendable, paidWith: "stars", coin }, { language, round: "down" });
  const slow = pending !== null && now.getTime() - pending.at > SLOW_AFTER_MS;
  return (
    <div className="sheet-pad top-up-waiting">
      <div role="status">
        {pending === null ? (
          <>
            <p className="top-up-done">
              <Icon name="check" /> {t("wallet.top_up.credited")}
            </p>
            <p>{t("wallet.top_up.balance", { balance })}</p>
          </>
        ) : (
          <>
            <p className="top-up-now">{t(pending.elsewhere ? "wallet.top_up.elsewhere" : "wallet.top_up.waiting")}</p>
            <p>{t(slow && !pending.elsewhere ? "wallet.top_up.slow" : "wallet.top_up.may_close")}</p>
          </>
        )}
      </div>
      <div className="button-row">
        {pending?.elsewhere === true && <Button onClick={onAgain}>{t("wallet.top_up.back")}</Button>}
        <Button look="accent" onClick={onClose}>
          {t(pending === null ? "wallet.done" : "app.close")}
        </Button>
      </div>
    </div>
  );
}
