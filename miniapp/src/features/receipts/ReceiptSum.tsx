import type { Receipt } from "@starai/protocol/receipts";
import { isTextKey } from "@starai/protocol/texts";
import { useT } from "../../lib/app-context.ts";
import { exactText } from "../../lib/money-words.ts";
import { shortAddress } from "../../lib/people-address.ts";

/** What the person paid, to the last digit, how the answer ended, and what came back or held it short. */
export function ReceiptSum({ receipt, coin }: { receipt: Receipt; coin: string }) {
  const t = useT();
  const { amount, returned, paidWith, outcome, bound, escrow } = receipt;
  const free = paidWith === "free" || paidWith === "house";
  const ended = `wallet.receipt.outcome.${outcome}`;
  return (
    <div className="receipt-sum">
      <p className="receipt-amount figures">
        {free ? t(`wallet.receipt.${paidWith}`) : exactText(t, { nano: amount, paidWith, coin })}
      </p>
      <p>{isTextKey(ended) ? t(ended) : outcome}</p>
      {BigInt(returned) > 0n && (
        <p>{t("wallet.receipt.returned", { amount: exactText(t, { nano: returned, paidWith, coin }) })}</p>
      )}
      {escrow !== undefined && (
        <p className="receipt-code">{t("wallet.receipt.escrow", { address: shortAddress(escrow) })}</p>
      )}
      {bound !== null && <p>{t(`wallet.receipt.bound.${bound}`)}</p>}
    </div>
  );
}
