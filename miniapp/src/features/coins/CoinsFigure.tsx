import { exactAmount, shortAmount } from "@starai/protocol/amounts";
import { useState } from "react";
import { useLanguage, useT } from "../../lib/app-context.ts";

/** A balance: two digits as everywhere, and every digit after a tap. */
export function CoinsFigure({ balance, coin }: { balance: bigint; coin: string }) {
  const t = useT();
  const language = useLanguage();
  const [exact, setExact] = useState(false);
  const amount = exact ? exactAmount(balance) : shortAmount(balance, { language, round: "down" });
  return (
    <button
      type="button"
      className="coins-figure figures"
      aria-pressed={exact}
      title={t("wallet.coins.exact")}
      onClick={() => setExact(!exact)}
    >
      {t("money.coins", { amount, coin })}
    </button>
  );
}
