import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useCopy } from "../../components/use-copy.ts";
import { useLanguage, useT } from "../../lib/app-context.ts";
import { dollarsTyped } from "../../lib/dollars.ts";
import { KEY_CAP_DEFAULT, KeyFields, wishOf } from "./KeyFields.tsx";
import type { TypedKey } from "./KeyFields.tsx";
import { useMakeKey } from "./use-keys.ts";

/** Makes a key and shows it, this once: closing the sheet forgets it. */
export function NewKeySheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const [typed, setTyped] = useState<TypedKey>({ name: "", cap: dollarsTyped(KEY_CAP_DEFAULT, language) });
  const make = useMakeKey();
  const wish = wishOf(typed, language);
  if (make.data !== undefined) return <MadeKey secret={make.data.key} onClose={onClose} />;
  return (
    <Sheet title={t("wallet.keys.new")} onClose={onClose}>
      <KeyFields typed={typed} onChange={setTyped} />
      <div className="sheet-pad button-row">
        <Button onClick={onClose}>{t("app.cancel")}</Button>
        <Button look="accent" busy={make.isPending} disabled={wish === null} onClick={() => wish && make.mutate(wish)}>
          {t("wallet.keys.make")}
        </Button>
      </div>
    </Sheet>
  );
}

function MadeKey({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useT();
  const copy = useCopy();
  return (
    <Sheet title={t("wallet.keys.made_title")} onClose={onClose}>
      <div className="sheet-pad keys-made">
        <p role="status">{t("wallet.keys.made_text")}</p>
        <p className="keys-secret" tabIndex={0}>
          {secret}
        </p>
        <div className="button-row">
          <Button look="accent" onClick={() => void copy(secret)}>
            {t("wallet.keys.copy")}
          </Button>
          <Button onClick={onClose}>{t("wallet.done")}</Button>
        </div>
      </div>
    </Sheet>
  );
}
