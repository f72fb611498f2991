/** What somebody who signed in by their wallet sees: what is prepaid, both ways to pay, and what arrived. */
import { Banner } from "../../components/Banner.tsx";
import { Failed } from "../../components/Failed.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useT } from "../../lib/app-context.ts";
import { peopleAddress, shortAddress } from "../../lib/people-address.ts";
import { CoinsFigure } from "./CoinsFigure.tsx";
import { CoinsSkeleton } from "./CoinsSkeleton.tsx";
import { DepositList } from "./DepositList.tsx";
import { PayByHand } from "./PayByHand.tsx";
import { PayByWallet } from "./PayByWallet.tsx";
import { useDeposit } from "./use-deposit.ts";
import "../../lib/late-texts.ts";

export default function PayDesk() {
  const t = useT();
  const deposit = useDeposit();
  const { data: chain, error, refetch } = deposit.chain;
  if (!chain)
    return error === null ? (
      <CoinsSkeleton />
    ) : (
      <Failed error={error} text={t("wallet.coins.failed")} onRetry={() => void refetch()} />
    );
  return (
    <>
      {error !== null && <Banner>{t("wallet.stale")}</Banner>}
      {chain.network.name !== "mainnet" && <Banner>{t("wallet.coins.test_network")}</Banner>}
      <Balance chain={chain} />
      <h2 className="pay-way">{t("wallet.pay.by_wallet")}</h2>
      <PayByWallet chain={chain} deposit={deposit} />
      <h2 className="pay-way">{t("wallet.pay.by_hand")}</h2>
      <PayByHand chain={chain} />
      <DepositList chain={chain} />
      <p className="pay-foot">{t("wallet.pay.missing")}</p>
    </>
  );
}

function Balance({ chain: { balance, coin, wallet, network } }: { chain: Chain }) {
  const t = useT();
  return (
    <Section foot={t("wallet.pay.hour")}>
      <div className="coins-balance">
        <h2 className="coins-name">{t("wallet.prepaid")}</h2>
        <CoinsFigure balance={BigInt(balance)} coin={coin} />
        {wallet !== null && (
          <p className="coins-hint">
            {t("wallet.pay.wallet", { wallet: shortAddress(peopleAddress(wallet.address, network)) })}
          </p>
        )}
      </div>
    </Section>
  );
}
