import { Button } from "../../components/Button.tsx";
import { useMoneySheets } from "../../data/money-sheets.ts";
import { useMoney } from "../../data/use-money.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { resetTime } from "../../lib/reset-time.ts";
import { wayOut } from "./money-refusal.ts";
import type { MoneyCode } from "./money-refusal.ts";

/** Why nothing was answered and that nothing was charged: a line, with the sheet that helps and another try. */
export function MoneyRefusal({ code, onAgain }: { code: MoneyCode; onAgain: () => void }) {
  const t = useT();
  return (
    <div className="outcome outcome-failed" role="group">
      <p>
        <RefusalWords code={code} />
      </p>
      <div className="outcome-buttons">
        <WayOut code={code} />
        <Button onClick={onAgain}>{t("wallet.refused.again")}</Button>
      </div>
    </div>
  );
}

export function RefusalWords({ code }: { code: MoneyCode }) {
  const t = useT();
  const language = useLanguage();
  const { data } = useMoney();
  if (code === "payments_paused" && data?.paused != null) return t(`wallet.paused.${data.paused}`);
  const time = data === undefined ? "00:00 UTC" : resetTime(new Date(data.free.resetsAt), language);
  return t(`wallet.refused.${code}`, { time });
}

/** Top up, or the limits; nothing where only time helps. */
export function WayOut({ code }: { code: MoneyCode }) {
  const t = useT();
  const open = useMoneySheets();
  const way = wayOut(code);
  if (way === null) return null;
  return (
    <Button onClick={() => open({ kind: way })}>{t(way === "top_up" ? "wallet.top_up" : "wallet.caps.change")}</Button>
  );
}
