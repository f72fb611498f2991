import { Button } from "../../components/Button.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { exactText } from "../../lib/money-words.ts";
import { peopleAddress } from "../../lib/people-address.ts";
import { momentText } from "../../lib/when.ts";
import { ExplorerLink } from "./ExplorerLink.tsx";
import { Fact, Facts } from "./Facts.tsx";
import { useCancelPayout } from "./use-wallet-acts.ts";

interface PayoutSheetProps {
  payout: Chain["payouts"][number];
  chain: Chain;
  onClose: () => void;
}

/** One withdrawal to its last digit: where it goes, how far it is, and the way to take it back. */
export function PayoutSheet({ payout, chain: { network, coin }, onClose }: PayoutSheetProps) {
  const t = useT();
  const language = useLanguage();
  const cancel = useCancelPayout(onClose);
  const { state, amount, fee, wallet, readyAt, transaction } = payout;
  const exact = (nano: string) => exactText(t, { nano, paidWith: "coin", coin });
  const date = momentText(new Date(readyAt), language);
  return (
    <Sheet title={t("wallet.coins.payout")} onClose={onClose}>
      <div className="sheet-pad">
        <p role="status">{t(`wallet.coins.payout_text.${state}`, { date })}</p>
        <Facts>
          <Fact name={t("wallet.coins.arrives")}>{exact(amount)}</Fact>
          <Fact name={t("wallet.coins.fee")}>{exact(fee)}</Fact>
          <Fact name={t("wallet.coins.to")}>
            <span className="coins-address">{peopleAddress(wallet, network)}</span>
          </Fact>
        </Facts>
        <div className="button-row">
          {transaction !== null && <ExplorerLink transaction={transaction} network={network} />}
          {(state === "waiting" || state === "queued") && (
            <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate({ id: payout.id })}>
              {t("wallet.coins.payout_cancel")}
            </Button>
          )}
          <Button onClick={onClose}>{t("app.close")}</Button>
        </div>
      </div>
    </Sheet>
  );
}
