/** Asking for prepaid coins back: how much, what it costs, when it is paid and where to. */
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../../components/Button.tsx";
import { CoinField } from "../../components/CoinField.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { useChain } from "../../data/use-chain.ts";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { readCoins } from "../../lib/coins.ts";
import { amountText, exactText } from "../../lib/money-words.ts";
import { peopleAddress } from "../../lib/people-address.ts";
import { momentText } from "../../lib/when.ts";
import { ChainScreen } from "./ChainScreen.tsx";
import { Fact, Facts } from "./Facts.tsx";
import { useWithdraw } from "./use-withdraw.ts";
import "../../lib/late-texts.ts";

export default function WithdrawScreen() {
  const t = useT();
  const chain = useChain();
  return (
    <ChainScreen title={(coin) => t("wallet.coins.withdraw_title", { coin })} back="/wallet/coins" chain={chain}>
      {(found) =>
        found.withdraw.blocked === null && found.wallet !== null ? (
          <WithdrawForm chain={found} wallet={found.wallet} />
        ) : (
          <Blocked chain={found} />
        )
      }
    </ChainScreen>
  );
}

/** Why nothing can be asked for now, and what would help. */
function Blocked({ chain: { withdraw, coin, balance } }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  const why = withdraw.blocked ?? "no_wallet";
  const words = {
    min: amountText(t, { nano: withdraw.min, paidWith: "coin", coin }, { language, round: "up" }),
    fee: amountText(t, { nano: withdraw.fee, paidWith: "coin", coin }, { language, round: "up" }),
    balance: amountText(t, { nano: balance, paidWith: "coin", coin }, { language, round: "down" }),
  };
  return (
    <Placeholder
      icon="wallet"
      title={t("wallet.coins.blocked")}
      text={t(`wallet.coins.blocked.${why}`, words)}
      action={
        <Link href="/wallet/coins" className="button button-accent">
          {t(why === "no_wallet" ? "wallet.coins.connect" : "app.back")}
        </Link>
      }
    />
  );
}

function WithdrawForm({ chain, wallet }: { chain: Chain; wallet: NonNullable<Chain["wallet"]> }) {
  const t = useT();
  const { coin, withdraw } = chain;
  const bounds = { min: BigInt(withdraw.min), max: BigInt(withdraw.max) };
  const [typed, setTyped] = useState("");
  const ask = useWithdraw();
  const read = readCoins(typed, bounds);
  const amount = "nano" in read ? read.nano : null;
  return (
    <form
      className="coins-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (amount !== null) ask.send(amount);
      }}
    >
      <CoinField
        label={t("wallet.coins.amount")}
        coin={coin}
        presets={[{ nano: bounds.max, name: t("wallet.coins.all") }]}
        bounds={bounds}
        value={typed}
        onChange={setTyped}
      />
      <div className="coins-pad">
        <Terms chain={chain} wallet={wallet} amount={amount} />
        <p className="coins-hint">{t("wallet.coins.withdraw_about")}</p>
        <Button look="accent" wide type="submit" busy={ask.busy} disabled={amount === null}>
          {t("wallet.coins.withdraw")}
        </Button>
      </div>
    </form>
  );
}

/** Everything that the person agrees to, to the last digit. */
function Terms({
  chain,
  wallet,
  amount,
}: {
  chain: Chain;
  wallet: NonNullable<Chain["wallet"]>;
  amount: bigint | null;
}) {
  const t = useT();
  const language = useLanguage();
  const { coin, withdraw, network } = chain;
  const exact = (nano: bigint) => exactText(t, { nano: String(nano), paidWith: "coin", coin });
  const fee = BigInt(withdraw.fee);
  return (
    <Facts>
      {amount !== null && <Fact name={t("wallet.coins.arrives")}>{exact(amount)}</Fact>}
      <Fact name={t("wallet.coins.fee")}>{exact(fee)}</Fact>
      {amount !== null && <Fact name={t("wallet.coins.leaves")}>{exact(amount + fee)}</Fact>}
      <Fact name={t("wallet.coins.ready")}>{momentText(new Date(withdraw.readyAt), language)}</Fact>
      <Fact name={t("wallet.coins.to")}>
        <span className="coins-address">{peopleAddress(wallet.address, network)}</span>
      </Fact>
    </Facts>
  );
}
