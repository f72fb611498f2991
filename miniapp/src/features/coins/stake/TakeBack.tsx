import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { useState } from "react";
import { Button } from "../../../components/Button.tsx";
import { Cell } from "../../../components/Cell.tsx";
import { CoinField } from "../../../components/CoinField.tsx";
import { Section } from "../../../components/Section.tsx";
import { Sheet } from "../../../components/Sheet.tsx";
import { useLanguage, useT } from "../../../lib/app-context.ts";
import { readCoins } from "../../../lib/coins.ts";
import { exactText } from "../../../lib/money-words.ts";
import { momentText } from "../../../lib/when.ts";
import type { StakeProps } from "./stake-props.ts";

/** The way back: asked for, seven days, withdrawn. */
export function TakeBack(props: StakeProps) {
  const t = useT();
  const language = useLanguage();
  const { chain, mine, view } = props;
  const { ask, busy } = props.stake;
  const [asking, setAsking] = useState(false);
  const amount = exactText(t, { nano: view.unbonding, paidWith: "coin", coin: chain.coin });
  const unbondAt = view.unbondAt === null ? null : new Date(view.unbondAt);
  const isRipe = unbondAt !== null && unbondAt.getTime() <= mine.nowS * 1_000;
  if (view.stake === "0" && view.unbonding === "0") return null;
  return (
    <Section title={t("machines.stake.way_back")} foot={t("machines.stake.way_back_foot")}>
      {unbondAt !== null && (
        <Cell
          title={t(isRipe ? "machines.stake.ripe" : "machines.unbonding")}
          detail={t(isRipe ? "machines.stake.ripe_since" : "machines.unbond_at", {
            time: momentText(unbondAt, language),
          })}
          after={amount}
          wide
        />
      )}
      {isRipe && (
        <div className="sheet-pad">
          <Button look="accent" wide busy={ask.isPending} disabled={busy} onClick={() => ask.mutate(WITHDRAW)}>
            {t("machines.stake.act.withdraw")}
          </Button>
        </div>
      )}
      {view.stake !== "0" && (
        <Cell
          title={<span className="coins-link">{t("machines.stake.act.unbond")}</span>}
          detail={t(unbondAt === null ? "machines.stake.unbond_about" : "machines.stake.unbond_anew")}
          disabled={busy}
          onClick={() => setAsking(true)}
        />
      )}
      {asking && (
        <UnbondSheet
          {...props}
          onClose={() => setAsking(false)}
          onAmount={(nano) => {
            // TON Connect's dialog would lie under the sheet.
            setAsking(false);
            ask.mutate({ kind: "unbond", amount: nano });
          }}
        />
      )}
    </Section>
  );
}

const WITHDRAW = { kind: "withdraw", amount: 0n } as const;

interface UnbondSheetProps extends StakeProps {
  onClose: () => void;
  onAmount: (amount: bigint) => void;
}

function UnbondSheet({ chain, mine, view, onClose, onAmount }: UnbondSheetProps) {
  const t = useT();
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const bounds = { min: 1n, max: BigInt(view.stake) };
  const read = readCoins(typed, bounds);
  const amount = "nano" in read ? read.nano : null;
  const from = new Date((mine.nowS + ContributorAccountTerms.UNBOND_SECONDS) * 1_000);
  return (
    <Sheet title={t("machines.stake.act.unbond")} onClose={onClose}>
      <form
        className="coins-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (amount !== null) onAmount(amount);
        }}
      >
        <CoinField
          label={t("wallet.coins.amount")}
          coin={chain.coin}
          presets={[{ nano: bounds.max, name: t("wallet.coins.all") }]}
          bounds={bounds}
          value={typed}
          onChange={setTyped}
        />
        <div className="coins-pad">
          <p className="coins-hint">
            {t(view.unbonding === "0" ? "machines.stake.unbond_text" : "machines.stake.unbond_text_anew", {
              time: momentText(from, language),
            })}
          </p>
          <Button look="accent" wide type="submit" disabled={amount === null}>
            {t("wallet.custody.in_wallet")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
