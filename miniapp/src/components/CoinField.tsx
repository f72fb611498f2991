/** An amount of coins: some presets to tap, and a field for any other amount within the bounds. */
import type { TextKey } from "@starai/protocol/texts";
import { useLanguage, useT } from "../lib/app-context.ts";
import { coinsTyped, readCoins } from "../lib/coins.ts";
import type { CoinBounds } from "../lib/coins.ts";
import { AmountField } from "./AmountField.tsx";

interface CoinFieldProps {
  label: string;
  coin: string;
  /** Nano units; `name` in place of the number. */
  presets: readonly { nano: bigint; name?: string }[];
  bounds: CoinBounds;
  /** As typed. */
  value: string;
  onChange: (value: string) => void;
}

const FAULTS = {
  unreadable: "wallet.coins.unreadable",
  too_small: "wallet.coins.too_small",
  too_large: "wallet.coins.too_large",
} as const satisfies Record<string, TextKey>;

export function CoinField({ label, coin, presets, bounds, value, onChange }: CoinFieldProps) {
  const t = useT();
  const language = useLanguage();
  const read = readCoins(value, bounds);
  const range = { min: coinsTyped(bounds.min, language), max: coinsTyped(bounds.max, language), coin };
  return (
    <AmountField
      label={label}
      presets={presets.map(({ nano, name }) => ({
        text: name ?? coinsTyped(nano, language),
        typed: coinsTyped(nano, language),
        chosen: "nano" in read && read.nano === nano,
      }))}
      own={t("wallet.coins.own", { coin })}
      value={value}
      onChange={onChange}
      // Nobody has done anything wrong before they have typed.
      fault={"fault" in read && value !== "" ? t(FAULTS[read.fault], range) : undefined}
      foot={t("wallet.coins.range", range)}
    />
  );
}
