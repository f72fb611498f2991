import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useMoneySheets } from "../../data/money-sheets.ts";
import { useMoney } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { resetTime } from "../../lib/reset-time.ts";

/** Under the day's last free answer: one line and two buttons; one line alone where the person's credits go on paying. */
export function LastFree() {
  const t = useT();
  const language = useLanguage();
  const toast = useToast();
  const open = useMoneySheets();
  const { data } = useMoney();
  const [gone, setGone] = useState(false);
  if (gone || data === undefined) return null;
  if (BigInt(data.stars.spendable) > 0n || BigInt(data.prepaid.spendable) > 0n)
    return <p className="answer-note">{t("wallet.last_free.paid_next")}</p>;
  const time = resetTime(new Date(data.free.resetsAt), language);
  const wait = () => {
    setGone(true);
    toast({ text: t("wallet.last_free.back_at", { time }) });
  };
  return (
    <div className="last-free" role="group" aria-label={t("wallet.last_free")}>
      <p>{t("wallet.last_free")}</p>
      <div className="outcome-buttons">
        <Button look="accent" onClick={() => open({ kind: "top_up" })}>
          {t("wallet.top_up")}
        </Button>
        <Button onClick={wait}>{t("wallet.last_free.tomorrow")}</Button>
      </div>
    </div>
  );
}
