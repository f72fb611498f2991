import { Section } from "../../../components/Section.tsx";
import { Button } from "../../../components/Button.tsx";
import { useApp, useLanguage, useT } from "../../../lib/app-context.ts";
import { amountText, exactText } from "../../../lib/money-words.ts";
import { addressLink } from "../../../lib/people-address.ts";
import { momentText } from "../../../lib/when.ts";
import { CoinsFigure } from "../CoinsFigure.tsx";
import { Fact, Facts } from "../Facts.tsx";
import { custodyState, KEYS_MAX, ripeUntil, sharesOf } from "./custody-state.ts";
import type { EscrowProps } from "./escrow-props.ts";
import { LeaveCustody } from "./LeaveCustody.tsx";
import { MoreCustody } from "./MoreCustody.tsx";
import { ThisDevice } from "./ThisDevice.tsx";

/** An escrow that is on the chain: what is in it, which devices sign for it, and the ways to more and out. */
export function OpenedEscrow(props: EscrowProps) {
  return (
    <>
      <Balance {...props} />
      <ThisDevice {...props} />
      <MoreCustody {...props} />
      <LeaveCustody {...props} />
    </>
  );
}

function Balance({ chain: { coin, network }, view }: EscrowProps) {
  const t = useT();
  const { telegram } = useApp();
  const { owed, own } = sharesOf(view);
  const exact = (nano: bigint) => exactText(t, { nano: String(nano), paidWith: "coin", coin });
  if (view.chain === null) return null;
  const { dailyCap, capLeft, keys } = view.chain;
  return (
    <Section foot={t("wallet.custody.order")}>
      <div className="coins-balance">
        <h2 className="coins-name">{t("wallet.custody.yours")}</h2>
        <CoinsFigure balance={own} coin={coin} />
        <State view={view} coin={coin} />
        <Facts>
          <Fact name={t("wallet.custody.spendable")}>{exact(BigInt(view.spendable))}</Fact>
          {owed > 0n && <Fact name={t("wallet.custody.owed")}>{exact(owed)}</Fact>}
          <Fact name={t("wallet.custody.cap")}>{exact(BigInt(dailyCap))}</Fact>
          <Fact name={t("wallet.custody.cap_left")}>{exact(BigInt(capLeft))}</Fact>
          <Fact name={t("wallet.custody.devices")}>{`${keys.length} / ${KEYS_MAX}`}</Fact>
        </Facts>
        <Button onClick={() => telegram.open(addressLink(view.address, network, location.href))}>
          {t("wallet.coins.explorer")}
        </Button>
      </div>
    </Section>
  );
}

/** In a sentence: whether it pays for answers now, and if not, why and until when. */
function State({ view, coin }: Pick<EscrowProps, "view"> & { coin: string }) {
  const t = useT();
  const language = useLanguage();
  const state = custodyState(view);
  const { blocked, spendable, chain } = view;
  const at = (seconds: number) => momentText(new Date(seconds * 1_000), language);
  const ripeAt = chain?.ripeAt ?? null;
  const dates = ripeAt === null ? { date: "", until: "" } : { date: at(ripeAt), until: at(ripeUntil(ripeAt)) };
  const amount = amountText(t, { nano: spendable, paidWith: "coin", coin }, { language, round: "down" });
  const words =
    state === "closing" || state === "ripe" || state === "closed"
      ? t(`wallet.custody.state.${state}`, dates)
      : blocked === null
        ? t("wallet.custody.state.open", { amount })
        : t(`wallet.custody.blocked.${blocked}`);
  return (
    <p className="coins-hint" role="status">
      {words}
    </p>
  );
}
