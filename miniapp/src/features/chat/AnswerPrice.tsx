import type { RunBill } from "@starai/protocol/receipts";
import { useMoneySheets } from "../../data/money-sheets.ts";
import { useMoney } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { amountText } from "../../lib/money-words.ts";

/** What an answer cost, in the line under it; it opens the receipt. Nothing for answers that the house pays. */
export function AnswerPrice({ run, bill }: { run: string; bill: RunBill }) {
  const t = useT();
  const open = useMoneySheets();
  if (bill.paidWith === "house") return null;
  return (
    <button type="button" className="foot-price" onClick={() => open({ kind: "receipt", id: run })}>
      <span>
        <span className="visually-hidden">{t("wallet.receipt.title")}: </span>
        <Price bill={bill} />
      </span>
    </button>
  );
}

function Price({ bill }: { bill: RunBill }) {
  const t = useT();
  const language = useLanguage();
  const { paidWith, amount, freeLeft } = bill;
  if (paidWith === "free") return freeLeft === null ? t("wallet.free.word") : t("wallet.foot.free", { left: freeLeft });
  if (paidWith === "coin") return <CoinPrice amount={amount} />;
  return amountText(t, { nano: amount, paidWith, coin: "" }, { language, round: "up" });
}

/** Only the person's overview says what the coin is called. */
function CoinPrice({ amount }: { amount: string }) {
  const t = useT();
  const language = useLanguage();
  const coin = useMoney().data?.coin ?? "";
  return amountText(t, { nano: amount, paidWith: "coin", coin }, { language, round: "up" });
}
