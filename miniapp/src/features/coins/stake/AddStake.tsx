import { STAKE_MIN } from "@starai/protocol/contributor";
import { useState } from "react";
import { Button } from "../../../components/Button.tsx";
import { CoinField } from "../../../components/CoinField.tsx";
import { useT } from "../../../lib/app-context.ts";
import { readCoins } from "../../../lib/coins.ts";
import { isUnderWay } from "../asked-act.ts";
import type { StakeProps } from "./stake-props.ts";

const NANO = 1_000_000_000n;
/** Less changes nothing that anybody would notice; more is a slip of the finger. */
const BOUNDS = { min: NANO / 10n, max: 100_000n * NANO };

/** The first stake, which deploys the account, and every further one. */
export function AddStake(props: StakeProps) {
  // What was typed is gone once it was asked for.
  return isUnderWay(props.stake.phase) ? null : <StakeForm {...props} />;
}

function StakeForm({ chain: { coin }, mine, view, stake: { ask } }: StakeProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const read = readCoins(typed, BOUNDS);
  const amount = "nano" in read ? read.nano : null;
  return (
    <form
      className="coins-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (amount !== null) ask.mutate({ kind: "stake", amount });
      }}
    >
      <CoinField
        label={t("machines.stake.how_much")}
        coin={coin}
        presets={presetsOf(BigInt(view.stake), mine.machines)}
        bounds={BOUNDS}
        value={typed}
        onChange={setTyped}
      />
      <div className="coins-pad">
        <p className="coins-hint">{t(view.isDeployed ? "machines.stake.more_about" : "machines.stake.first_about")}</p>
        <Button look="accent" wide type="submit" busy={ask.isPending} disabled={amount === null}>
          {t(view.stake === "0" ? "machines.stake.act.stake" : "machines.stake.more")}
        </Button>
      </div>
    </form>
  );
}

/** What is missing until each machine has the least, and twice and ten times the least for one. */
function presetsOf(stake: bigint, machines: number): { nano: bigint }[] {
  const missing = STAKE_MIN * BigInt(Math.max(1, machines)) - stake;
  const amounts = [missing, 2n * STAKE_MIN, 10n * STAKE_MIN].filter((nano) => nano >= BOUNDS.min);
  return [...new Set(amounts)].toSorted((one, other) => (one < other ? -1 : 1)).map((nano) => ({ nano }));
}
