import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Cell } from "../../components/Cell.tsx";
import { Confirm } from "../../components/Confirm.tsx";
import { Section } from "../../components/Section.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useSaveFile } from "../../data/use-save-file.ts";
import { useApi, useLanguage, useT } from "../../lib/app-context.ts";
import { dollarsTyped } from "../../lib/dollars.ts";
import { KeyFields, wishOf } from "./KeyFields.tsx";
import type { TypedKey } from "./KeyFields.tsx";
import { useChangeKey, useRevokeKey } from "./use-keys.ts";
import type { ApiKey } from "./use-keys.ts";

/** One key: its name and limit, its usage as a file, and revoking it. */
export function KeySheet({ apiKey: { id, name, dayCap }, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const t = useT();
  const api = useApi();
  const language = useLanguage();
  const [typed, setTyped] = useState<TypedKey>({ name, cap: dollarsTyped(dayCap, language) });
  const [revoking, setRevoking] = useState(false);
  const change = useChangeKey(id);
  const revoke = useRevokeKey(id);
  const { save, saving } = useSaveFile();
  const wish = wishOf(typed, language);
  if (revoking)
    return (
      <Confirm
        title={t("wallet.keys.revoke_title", { name })}
        text={t("wallet.keys.revoke_text")}
        action={t("wallet.keys.revoke")}
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate(undefined, { onSuccess: onClose })}
        onClose={() => setRevoking(false)}
      />
    );
  return (
    <Sheet title={name} onClose={onClose}>
      <KeyFields typed={typed} onChange={setTyped} />
      <Section>
        <Cell
          title={t("wallet.keys.usage")}
          disabled={saving}
          onClick={() => save(() => api.my.keys[":id"]["usage.csv"].$get({ param: { id } }))}
        />
        <Cell danger title={t("wallet.keys.revoke")} onClick={() => setRevoking(true)} />
      </Section>
      <div className="sheet-pad">
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button
            look="accent"
            busy={change.isPending}
            disabled={wish === null || (wish.name === name && wish.dayCap === dayCap)}
            onClick={() => wish && change.mutate(wish, { onSuccess: onClose })}
          >
            {t("wallet.save")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
