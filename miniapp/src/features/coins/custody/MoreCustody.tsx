import { TOPPING_UP } from "@starai/contracts/connect/escrow-requests";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { useState } from "react";
import { Button } from "../../../components/Button.tsx";
import { Cell } from "../../../components/Cell.tsx";
import { CoinField } from "../../../components/CoinField.tsx";
import { Section } from "../../../components/Section.tsx";
import { Sheet } from "../../../components/Sheet.tsx";
import { useT } from "../../../lib/app-context.ts";
import { readCoins } from "../../../lib/coins.ts";
import type { CoinBounds } from "../../../lib/coins.ts";
import { exactText } from "../../../lib/money-words.ts";
import { custodyState } from "./custody-state.ts";
import type { EscrowProps } from "./escrow-props.ts";
import { raiseCapWish, topUpWish } from "./wishes.ts";

const BOUNDS = { min: CHAIN_TERMS.depositMin, max: CHAIN_TERMS.depositMax };

/** More coins, and more of them in a day. */
export function MoreCustody({ chain, view, custody: { ask, busy } }: EscrowProps) {
  const t = useT();
  const [opened, setOpened] = useState<"top_up" | "raise_cap" | null>(null);
  const { coin, topUpInTelegram } = chain;
  const state = custodyState(view);
  const cap = BigInt(view.chain?.dailyCap ?? 0);
  const mayTopUp = topUpInTelegram && (state === "open" || state === "closed");
  // The contract lets a cap only grow; a smaller one comes with new keys.
  const mayRaise = state === "open" && cap < BOUNDS.max;
  if (!mayTopUp && !mayRaise) return null;
  const wishes = { top_up: topUpWish, raise_cap: raiseCapWish };
  const cost = exactText(t, { nano: String(TOPPING_UP), paidWith: "coin", coin });
  return (
    <Section>
      {mayTopUp && (
        <Cell
          title={<span className="coins-link">{t("wallet.custody.act.top_up")}</span>}
          detail={t("wallet.custody.top_up_about", { cost })}
          disabled={busy}
          onClick={() => setOpened("top_up")}
        />
      )}
      {mayRaise && (
        <Cell
          title={<span className="coins-link">{t("wallet.custody.act.raise_cap")}</span>}
          detail={t("wallet.custody.raise_about")}
          disabled={busy}
          onClick={() => setOpened("raise_cap")}
        />
      )}
      {opened !== null && (
        <AmountSheet
          title={t(`wallet.custody.act.${opened}`)}
          coin={coin}
          bounds={opened === "top_up" ? BOUNDS : { ...BOUNDS, min: cap + 1n }}
          onClose={() => setOpened(null)}
          onAmount={(amount) => {
            // TON Connect's dialog would lie under the sheet.
            setOpened(null);
            ask.mutate(wishes[opened](amount));
          }}
        />
      )}
    </Section>
  );
}

interface AmountSheetProps {
  title: string;
  coin: string;
  bounds: CoinBounds;
  onClose: () => void;
  onAmount: (amount: bigint) => void;
}

function AmountSheet({ title, coin, bounds, onClose, onAmount }: AmountSheetProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const read = readCoins(typed, bounds);
  return (
    <Sheet title={title} onClose={onClose}>
      <form
        className="coins-form"
        onSubmit={(event) => {
          event.preventDefault();
          if ("nano" in read) onAmount(read.nano);
        }}
      >
        <CoinField
          label={t("wallet.coins.amount")}
          coin={coin}
          presets={[]}
          bounds={bounds}
          value={typed}
          onChange={setTyped}
        />
        <div className="coins-pad">
          <Button look="accent" wide type="submit" disabled={!("nano" in read)}>
            {t("wallet.custody.in_wallet")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
