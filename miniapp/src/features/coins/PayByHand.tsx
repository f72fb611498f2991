/** Pays coins in from any wallet: an address, a comment that says whose it is, and the same as a link and a picture. */
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { Suspense, useState } from "react";
import { Button } from "../../components/Button.tsx";
import { ErrorBoundary } from "../../components/ErrorBoundary.tsx";
import { Section } from "../../components/Section.tsx";
import { Skeleton } from "../../components/Skeleton.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useChain } from "../../data/use-chain.ts";
import type { Chain } from "../../data/use-chain.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { coinsTyped } from "../../lib/coins.ts";
import { lazyPart } from "../../lib/lazy-part.tsx";
import { amountText } from "../../lib/money-words.ts";
import { contractAddress, transferLink } from "../../lib/people-address.ts";
import { ExplorerLink } from "./ExplorerLink.tsx";
import { Fact, Facts } from "./Facts.tsx";

const QrCode = lazyPart(() => import("./QrCode.tsx"));

export function PayByHand({ chain }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  const copy = useCopy();
  const { coin, memo, network, vault } = chain;
  const address = contractAddress(vault, network);
  const link = transferLink(address, memo);
  const min = coinsTyped(CHAIN_TERMS.depositMin, language);
  return (
    <Section foot={t("wallet.pay.by_hand_foot", { min, coin })}>
      <div className="pay-hand">
        <p>{t("wallet.pay.by_hand_text", { coin })}</p>
        <Facts>
          <Fact name={t("wallet.pay.address")}>
            <span className="coins-address">{address}</span>
          </Fact>
          <Fact name={t("wallet.pay.comment")}>
            <span className="coins-address">{memo}</span>
          </Fact>
        </Facts>
        <div className="button-row">
          <Button onClick={() => void copy(address)}>{t("wallet.coins.copy")}</Button>
          <Button onClick={() => void copy(memo)}>{t("wallet.pay.copy_comment")}</Button>
        </div>
        <a className="button button-accent" href={link}>
          {t("wallet.pay.link")}
        </a>
        <ErrorBoundary face={NoPicture}>
          <Suspense fallback={<Skeleton height="var(--qr)" />}>
            <QrCode text={link} label={t("wallet.pay.qr")} />
          </Suspense>
        </ErrorBoundary>
        <Arrival chain={chain} />
      </div>
    </Section>
  );
}

/** The link and the address say the same. */
function NoPicture() {
  const t = useT();
  return <p className="coins-hint">{t("wallet.pay.qr_failed")}</p>;
}

/** Nobody tells us that they send something by hand, so the page looks for it. */
const LOOK_MS = 5_000;

/** The newest of what arrived since the page was opened, but for the payment that the page itself asked for. */
function Arrival({ chain: { coin, deposits, invoice, network } }: { chain: Chain }) {
  const t = useT();
  const language = useLanguage();
  useChain({ pollMs: () => LOOK_MS });
  const [before] = useState(() => new Set(deposits.map(({ id }) => id)));
  const arrived = deposits.find(({ id, transaction }) => !before.has(id) && transaction !== invoice?.transaction);
  const amountOf = (nano: string) => amountText(t, { nano, paidWith: "coin", coin }, { language, round: "down" });
  return (
    <>
      <div role="status">
        {arrived === undefined ? (
          <p className="coins-hint">{t("wallet.pay.waiting")}</p>
        ) : (
          <div className={`coins-${arrived.state}`}>
            <p className="coins-phase">{t("wallet.pay.arrived", { amount: amountOf(arrived.amount) })}</p>
            <p className="coins-hint">
              {t(`wallet.coins.deposit_text.${arrived.state === "credited" ? "credited" : "checking"}`)}
            </p>
          </div>
        )}
      </div>
      {arrived !== undefined && <ExplorerLink transaction={arrived.transaction} network={network} />}
    </>
  );
}
