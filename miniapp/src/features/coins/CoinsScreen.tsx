/** A person's coins: what they have, what is on its way in and out, and the wallet it comes from and goes to. */
import { useState } from "react";
import { Banner } from "../../components/Banner.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Section } from "../../components/Section.tsx";
import type { Chain } from "../../data/use-chain.ts";
import { useMoney } from "../../data/use-money.ts";
import { useT } from "../../lib/app-context.ts";
import { ChainScreen } from "./ChainScreen.tsx";
import { ClaimSheet } from "./ClaimSheet.tsx";
import { CoinsBalance } from "./CoinsBalance.tsx";
import { DepositList } from "./DepositList.tsx";
import { DepositProgress } from "./DepositProgress.tsx";
import { PayoutList } from "./PayoutList.tsx";
import { useDeposit } from "./use-deposit.ts";
import type { Deposit } from "./use-deposit.ts";
import { WalletSection } from "./WalletSection.tsx";
import "../../lib/late-texts.ts";

export default function CoinsScreen() {
  const t = useT();
  const deposit = useDeposit();
  return (
    <ChainScreen title={(coin) => t("wallet.coins.title", { coin })} back="/wallet" chain={deposit.chain}>
      {(chain) => <Coins chain={chain} deposit={deposit} />}
    </ChainScreen>
  );
}

function Coins({ chain, deposit }: { chain: Chain; deposit: Deposit }) {
  const t = useT();
  const { data: money } = useMoney();
  const [claiming, setClaiming] = useState(false);
  const { network, withdraw } = chain;
  return (
    <>
      {deposit.chain.error !== null && <Banner>{t("wallet.stale")}</Banner>}
      {network.name !== "mainnet" && <Banner>{t("wallet.coins.test_network")}</Banner>}
      {withdraw.blocked === "halted" && <Banner look="bad">{t("wallet.coins.blocked.halted")}</Banner>}
      <CoinsBalance chain={chain} money={money} />
      <DepositProgress deposit={deposit} chain={chain} onAgain={null} />
      <WalletSection chain={chain} />
      <PayoutList chain={chain} />
      <DepositList chain={chain} />
      <Section>
        <Cell title={t("wallet.custody.title")} detail={t("wallet.custody.about")} href="/wallet/coins/custody" />
        <Cell
          title={t("wallet.coins.claim")}
          detail={t("wallet.coins.claim.about")}
          onClick={() => setClaiming(true)}
        />
      </Section>
      {claiming && <ClaimSheet onClose={() => setClaiming(false)} />}
    </>
  );
}
