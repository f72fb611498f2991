/** Paying coins in by a wallet: how much, the wallet, and the wait for the credit, which needs nobody to look at it. */
import { Placeholder } from "../../components/Placeholder.tsx";
import { useMoney } from "../../data/use-money.ts";
import { useModelName } from "../../data/use-models.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { answersOf } from "../../lib/money-words.ts";
import { ChainScreen } from "./ChainScreen.tsx";
import { PayByWallet } from "./PayByWallet.tsx";
import { useDeposit } from "./use-deposit.ts";
import "../../lib/late-texts.ts";

export default function TopUpCoinsScreen() {
  const t = useT();
  const deposit = useDeposit();
  return (
    <ChainScreen title={(coin) => t("wallet.coins.top_up", { coin })} back="/wallet/coins" chain={deposit.chain}>
      {(chain) =>
        chain.topUpInTelegram ? (
          <PayByWallet chain={chain} deposit={deposit} about={(amount) => <Answers amount={amount} />} />
        ) : (
          <Placeholder
            icon="wallet"
            title={t("wallet.custody.not_here")}
            text={t("wallet.coins.not_here", { coin: chain.coin })}
          />
        )
      }
    </ChainScreen>
  );
}

/** How many answers an amount is. */
function Answers({ amount }: { amount: bigint | null }) {
  const t = useT();
  const language = useLanguage();
  const nameOf = useModelName();
  const price = useMoney().data?.answer;
  if (amount === null || price === undefined) return null;
  const answers = answersOf(t, { balance: amount, answer: price.coin, model: nameOf(price.model) }, language);
  return answers === null ? null : <p>{answers}</p>;
}
