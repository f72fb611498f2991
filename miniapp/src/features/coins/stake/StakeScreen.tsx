/** The stake behind a person's machines: what it is for, how much, and its way back. */
import { Banner } from "../../../components/Banner.tsx";
import { Failed } from "../../../components/Failed.tsx";
import { Placeholder } from "../../../components/Placeholder.tsx";
import { useChain } from "../../../data/use-chain.ts";
import type { Chain } from "../../../data/use-chain.ts";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { momentText } from "../../../lib/when.ts";
import { ActSection } from "../ActProgress.tsx";
import { ChainScreen } from "../ChainScreen.tsx";
import { CoinsSkeleton } from "../CoinsSkeleton.tsx";
import { AddStake } from "./AddStake.tsx";
import { StakeFigures } from "./StakeFigures.tsx";
import { StakeRules } from "./StakeRules.tsx";
import { TakeBack } from "./TakeBack.tsx";
import { useStake } from "./use-stake.ts";
import "../../../lib/late-texts.ts";
import "./stake.css";

/** A look at the chain takes seconds; one older than this says that the chain does not answer. */
const OLD_MS = 60_000;

export default function StakeScreen() {
  const t = useT();
  const chain = useChain();
  return (
    <ChainScreen
      title={() => t("machines.stake")}
      back="/machines"
      chain={chain}
      withoutWallet={t("machines.stake.no_wallet")}
    >
      {(found) => <OfWallet chain={found} />}
    </ChainScreen>
  );
}

function OfWallet({ chain }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  const stake = useStake(chain);
  const { data: mine, error, refetch } = stake.query;
  if (mine === undefined)
    return error === null ? (
      <CoinsSkeleton />
    ) : (
      <Failed error={error} text={t("machines.stake.failed")} onRetry={() => void refetch()} />
    );
  const view = mine?.stake ?? null;
  if (mine === null || view === null)
    return <Placeholder icon="wallet" title={t("machines.stake.none")} text={t("machines.stake.none_text")} />;
  const seenAt = view.seenAt === null ? null : new Date(view.seenAt);
  const isOld = seenAt === null || Date.parse(mine.answeredAt) - seenAt.getTime() > OLD_MS;
  const shared = { chain, mine, view, stake };
  return (
    <>
      {error !== null && <Banner>{t("wallet.stale")}</Banner>}
      {error === null && isOld && seenAt !== null && (
        <Banner>{t("machines.stake.old", { time: momentText(seenAt, language) })}</Banner>
      )}
      <StakeFigures {...shared} />
      <ActSection
        act={stake}
        textsOf={({ kind }) => ({
          title: t(`machines.stake.act.${kind}`),
          done: t(`machines.stake.done.${kind}`),
          again: t("machines.stake.again_text"),
        })}
      />
      <AddStake {...shared} />
      <TakeBack {...shared} />
      <StakeRules {...shared} />
    </>
  );
}
