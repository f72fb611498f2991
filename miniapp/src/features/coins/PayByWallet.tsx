/** Pays coins in by the connected wallet: how much, and how far the payment is, which needs nobody to look at it. */
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { useState } from "react";
import type { ReactNode } from "react";
import { Button } from "../../components/Button.tsx";
import { CoinField } from "../../components/CoinField.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useT } from "../../lib/app-context.ts";
import { readCoins } from "../../lib/coins.ts";
import { BindsTo } from "./BindsTo.tsx";
import { isOnItsWay, isUntouched } from "./deposit-phase.ts";
import { DepositProgress } from "./DepositProgress.tsx";
import type { Deposit } from "./use-deposit.ts";
import { usePay } from "./use-pay.ts";

const NANO = 1_000_000_000n;
const PRESETS = [1n, 5n, 10n, 25n].map((coins) => ({ nano: coins * NANO }));
const BOUNDS = { min: CHAIN_TERMS.depositMin, max: CHAIN_TERMS.depositMax };

interface PayByWalletProps {
  chain: Chain;
  deposit: Deposit;
  /** Words beside the amount, as of what it is enough for. */
  about?: (amount: bigint | null) => ReactNode;
}

export function PayByWallet({ chain, deposit, about }: PayByWalletProps) {
  const { invoice, kept, phase } = deposit;
  /** The invoice in spite of which the person wants another one. */
  const [spite, setSpite] = useState<string | null>(null);
  const again = (spite !== null && spite === invoice?.id) || isUntouched(kept, invoice);
  const busy = isOnItsWay(phase) && !again;
  return (
    <>
      {!again && <DepositProgress deposit={deposit} chain={chain} onAgain={() => setSpite(invoice?.id ?? null)} />}
      {!busy && phase !== "credited" && <AmountForm chain={chain} deposit={deposit} again={again} about={about} />}
    </>
  );
}

interface AmountFormProps extends Pick<PayByWalletProps, "chain" | "deposit"> {
  again: boolean;
  about: PayByWalletProps["about"];
}

function AmountForm({ chain, deposit, again, about }: AmountFormProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const pay = usePay(chain, deposit);
  const read = readCoins(typed, BOUNDS);
  const amount = "nano" in read ? read.nano : null;
  return (
    <form
      className="coins-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (amount !== null) pay.mutate({ amount, again });
      }}
    >
      <CoinField
        label={t("wallet.coins.amount")}
        coin={chain.coin}
        presets={PRESETS}
        bounds={BOUNDS}
        value={typed}
        onChange={setTyped}
      />
      <div className="coins-pad">
        {about?.(amount)}
        <p className="coins-hint">{t("wallet.coins.pay_about")}</p>
        {chain.wallet === null && (
          <p className="coins-hint">
            <BindsTo />
          </p>
        )}
        <p className="coins-hint" role="status">
          {pay.isPending && t("wallet.coins.connect.busy")}
        </p>
        <Button look="accent" wide type="submit" busy={pay.isPending} disabled={amount === null}>
          {t("wallet.coins.pay")}
        </Button>
      </div>
    </form>
  );
}
