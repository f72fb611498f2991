import { OPENING } from "@starai/contracts/connect/escrow-requests";
import { ALLOWANCE_MAX } from "@starai/contracts/voucher";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../../../components/Button.tsx";
import { CoinField } from "../../../components/CoinField.tsx";
import { Placeholder } from "../../../components/Placeholder.tsx";
import { Section } from "../../../components/Section.tsx";
import { useT } from "../../../lib/app-context.ts";
import { readCoins } from "../../../lib/coins.ts";
import { exactText } from "../../../lib/money-words.ts";
import { Fact, Facts } from "../Facts.tsx";
import { isUnderWay } from "../asked-act.ts";
import type { EscrowProps } from "./escrow-props.ts";
import { openWish } from "./wishes.ts";

const NANO = 1_000_000_000n;
const AMOUNTS = [1n, 5n, 10n].map((coins) => ({ nano: coins * NANO }));
const CAPS = [NANO / 2n, NANO, 2n * NANO].map((nano) => ({ nano }));
const BOUNDS = { min: CHAIN_TERMS.depositMin, max: CHAIN_TERMS.depositMax };
const CAP_BOUNDS = { min: ALLOWANCE_MAX, max: CHAIN_TERMS.depositMax };

/** What self-custody is, and the way into it. */
export function OpenCustody(props: EscrowProps) {
  const t = useT();
  const { chain, custody, device } = props;
  const { coin } = chain;
  if (isUnderWay(custody.phase)) return null;
  if (!device.canSign) return <Unsupported coin={coin} />;
  if (!chain.topUpInTelegram)
    return (
      <Placeholder icon="wallet" title={t("wallet.custody.not_here")} text={t("wallet.coins.not_here", { coin })} />
    );
  return (
    <>
      <Section title={t("wallet.custody.what")} foot={t("wallet.custody.what_foot")}>
        <ul className="custody-what">
          <li>{t("wallet.custody.what.yours", { coin })}</li>
          <li>{t("wallet.custody.what.signs", { coin })}</li>
          <li>{t("wallet.custody.what.leave")}</li>
        </ul>
      </Section>
      <OpenForm {...props} />
    </>
  );
}

/** The prepaid balance does the same without a key. */
function Unsupported({ coin }: { coin: string }) {
  const t = useT();
  return (
    <Placeholder
      icon="wallet"
      title={t("wallet.custody.unsupported")}
      text={t("wallet.custody.unsupported_text", { coin })}
      action={
        <Link href="/wallet/coins" className="button button-accent">
          {t("wallet.custody.prepaid")}
        </Link>
      }
    />
  );
}

function OpenForm({ chain: { coin }, device, custody: { ask } }: EscrowProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [capTyped, setCapTyped] = useState("");
  const [read, readCap] = [readCoins(typed, BOUNDS), readCoins(capTyped, CAP_BOUNDS)];
  const amounts = "nano" in read && "nano" in readCap ? { amount: read.nano, dailyCap: readCap.nano } : null;
  const exact = (nano: bigint) => exactText(t, { nano: String(nano), paidWith: "coin", coin });
  return (
    <form
      className="coins-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (amounts !== null) ask.mutate(openWish(device.make, amounts));
      }}
    >
      <CoinField
        label={t("wallet.coins.amount")}
        coin={coin}
        presets={AMOUNTS}
        bounds={BOUNDS}
        value={typed}
        onChange={setTyped}
      />
      <CoinField
        label={t("wallet.custody.cap")}
        coin={coin}
        presets={CAPS}
        bounds={CAP_BOUNDS}
        value={capTyped}
        onChange={setCapTyped}
      />
      <div className="coins-pad">
        <p className="coins-hint">{t("wallet.custody.cap_about")}</p>
        <Facts>
          <Fact name={t("wallet.custody.opening")}>{exact(OPENING)}</Fact>
          {amounts !== null && <Fact name={t("wallet.custody.leaves")}>{exact(amounts.amount + OPENING)}</Fact>}
        </Facts>
        <p className="coins-hint">{t("wallet.custody.opening_about")}</p>
        <Button look="accent" wide type="submit" busy={ask.isPending} disabled={amounts === null}>
          {t("wallet.custody.open")}
        </Button>
      </div>
    </form>
  );
}
