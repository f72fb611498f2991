/** Self-custody: coins that stay in an escrow of the person's own and pay for answers by vouchers that their devices sign. */
import { ServerRefused } from "@starai/server/client";
import { Banner } from "../../../components/Banner.tsx";
import { Failed } from "../../../components/Failed.tsx";
import { Placeholder } from "../../../components/Placeholder.tsx";
import { useChain } from "../../../data/use-chain.ts";
import type { Chain } from "../../../data/use-chain.ts";
import { useT } from "../../../lib/app-context.ts";
import { ActSection } from "../ActProgress.tsx";
import { ChainScreen } from "../ChainScreen.tsx";
import { CoinsSkeleton } from "../CoinsSkeleton.tsx";
import { custodyState } from "./custody-state.ts";
import { OpenCustody } from "./OpenCustody.tsx";
import { OpenedEscrow } from "./OpenedEscrow.tsx";
import { useCustody } from "./use-custody.ts";
import { useDeviceKey } from "./use-device-key.ts";
import "../../../lib/late-texts.ts";

export default function CustodyScreen() {
  const t = useT();
  const chain = useChain();
  return (
    <ChainScreen
      title={() => t("wallet.custody.title")}
      back="/wallet/coins"
      chain={chain}
      withoutWallet={t("wallet.custody.no_wallet_text")}
    >
      {(found) => <OfWallet chain={found} />}
    </ChainScreen>
  );
}

function OfWallet({ chain }: { chain: Chain }) {
  const t = useT();
  const custody = useCustody(chain);
  const { data: view, error, refetch } = custody.escrow;
  const device = useDeviceKey(view?.address);
  if (error instanceof ServerRefused && error.code === "not_configured")
    return (
      <Placeholder
        icon="wallet"
        title={t("wallet.custody.none")}
        text={t("wallet.custody.none_text", { coin: chain.coin })}
      />
    );
  if (view === undefined && error !== null)
    return <Failed error={error} text={t("wallet.custody.failed")} onRetry={() => void refetch()} />;
  if (view === undefined || device.found === undefined) return <CoinsSkeleton />;
  const shared = { chain, view, custody, device: { ...device.found, make: device.make } };
  return (
    <>
      {error !== null && <Banner>{t("wallet.stale")}</Banner>}
      <ActSection
        act={custody}
        textsOf={({ act: { kind } }) => ({
          title: t(`wallet.custody.act.${kind}`),
          done: t(`wallet.custody.done.${kind}`),
          again: t("wallet.custody.again_text"),
        })}
      />
      {custodyState(view) === "unopened" ? <OpenCustody {...shared} /> : <OpenedEscrow {...shared} />}
    </>
  );
}
