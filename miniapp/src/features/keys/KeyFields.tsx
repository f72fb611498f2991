import { CAP_BOUNDS, KEY_NAME_CHARS_MAX } from "@starai/protocol/money";
import type { Language } from "@starai/protocol/texts";
import { DollarField } from "../../components/DollarField.tsx";
import { Input } from "../../components/Input.tsx";
import { useT } from "../../lib/app-context.ts";
import { readDollars } from "../../lib/dollars.ts";
import type { KeyWish } from "./use-keys.ts";

/** Micro-dollars a day. */
export const KEY_CAP_DEFAULT = 5_000_000;
const PRESETS = [1_000_000, KEY_CAP_DEFAULT, 20_000_000];

export interface TypedKey {
  name: string;
  /** Dollars, as typed. */
  cap: string;
}

/** Null while something of it cannot be read. */
export function wishOf({ name, cap }: TypedKey, language: Language): KeyWish | null {
  const read = readDollars(cap, CAP_BOUNDS.day, language);
  const words = name.trim();
  return words === "" || words.length > KEY_NAME_CHARS_MAX || !("microUsd" in read)
    ? null
    : { name: words, dayCap: read.microUsd };
}

export function KeyFields({ typed, onChange }: { typed: TypedKey; onChange: (typed: TypedKey) => void }) {
  const t = useT();
  return (
    <>
      <div className="sheet-pad keys-name">
        <Input
          label={t("wallet.keys.name")}
          placeholder={t("wallet.keys.name_hint")}
          maxLength={KEY_NAME_CHARS_MAX}
          autoComplete="off"
          value={typed.name}
          onChange={(event) => onChange({ ...typed, name: event.target.value })}
        />
      </div>
      <DollarField
        label={t("wallet.keys.cap")}
        presets={PRESETS}
        bounds={CAP_BOUNDS.day}
        value={typed.cap}
        onChange={(cap) => onChange({ ...typed, cap })}
      />
    </>
  );
}
