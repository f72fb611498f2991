import type { ReactNode } from "react";
import { Link } from "wouter";
import { Failed } from "../../components/Failed.tsx";
import { Placeholder } from "../../components/Placeholder.tsx";
import { Screen } from "../../components/Screen.tsx";
import type { Chain, useChain } from "../../data/use-chain.ts";
import { useT } from "../../lib/app-context.ts";
import { CoinsSkeleton } from "./CoinsSkeleton.tsx";
import "../../lib/late-texts.ts";
import "./coins.css";

interface ChainScreenProps {
  title: (coin: string) => string;
  back: string;
  chain: ReturnType<typeof useChain>;
  /** What a wallet is needed for, where there is nothing to be done without one. */
  withoutWallet?: string;
  children: (chain: Chain) => ReactNode;
}

/** The frame of the screens of coins, with the faces for loading, a failure, and a server without a chain. */
export function ChainScreen({ title, back, chain, withoutWallet, children }: ChainScreenProps) {
  const t = useT();
  const { data, error, refetch } = chain;
  return (
    <Screen title={data ? title(data.coin) : t("wallet.title")} back={back}>
      {data === undefined ? (
        error === null ? (
          <CoinsSkeleton />
        ) : (
          <Failed error={error} text={t("wallet.coins.failed")} onRetry={() => void refetch()} />
        )
      ) : data === null ? (
        <Placeholder icon="wallet" title={t("wallet.coins.none")} text={t("wallet.coins.none_text")} />
      ) : data.wallet === null && withoutWallet !== undefined ? (
        <NoWallet text={withoutWallet} />
      ) : (
        children(data)
      )}
    </Screen>
  );
}

function NoWallet({ text }: { text: string }) {
  const t = useT();
  return (
    <Placeholder
      icon="wallet"
      title={t("wallet.custody.no_wallet")}
      text={text}
      action={
        <Link href="/wallet/coins" className="button button-accent">
          {t("wallet.coins.connect")}
        </Link>
      }
    />
  );
}
