/** A limit in dollars: some presets to tap, and a field for any other amount within the bounds. */
import type { TextKey } from "@starai/protocol/texts";
import { useLanguage, useT } from "../lib/app-context.ts";
import { dollarsText, dollarsTyped, readDollars } from "../lib/dollars.ts";
import type { DollarBounds } from "../lib/dollars.ts";
import { AmountField } from "./AmountField.tsx";

interface DollarFieldProps {
  label: string;
  presets: readonly number[];
  bounds: DollarBounds;
  /** As typed. */
  value: string;
  onChange: (value: string) => void;
}

const FAULTS = {
  unreadable: "wallet.caps.unreadable",
  too_small: "wallet.caps.too_small",
  too_large: "wallet.caps.too_large",
} as const satisfies Record<string, TextKey>;

export function DollarField({ label, presets, bounds, value, onChange }: DollarFieldProps) {
  const t = useT();
  const language = useLanguage();
  const read = readDollars(value, bounds, language);
  const range = { min: dollarsText(bounds.min, language), max: dollarsText(bounds.max, language) };
  return (
    <AmountField
      label={label}
      presets={presets.map((preset) => ({
        text: dollarsText(preset, language),
        typed: dollarsTyped(preset, language),
        chosen: "microUsd" in read && read.microUsd === preset,
      }))}
      own={t("wallet.caps.own")}
      value={value}
      onChange={onChange}
      fault={"fault" in read ? t(FAULTS[read.fault], range) : undefined}
      foot={t("wallet.caps.range", range)}
    />
  );
}
