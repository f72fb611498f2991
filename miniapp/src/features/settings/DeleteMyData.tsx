import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button.tsx";
import { Sheet } from "../../components/Sheet.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useApp, useT } from "../../lib/app-context.ts";
import "./settings.css";

/** Says what is deleted and what stays, asks twice, and deletes everything the service stores about the person. */
export function DeleteMyData({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [understood, setUnderstood] = useState(false);
  const remove = useDeleteMyData();
  return (
    <Sheet title={t("app.settings.delete_title")} onClose={onClose}>
      <div className="sheet-pad settings-delete">
        <p>{t("app.settings.delete_gone")}</p>
        <p>{t("app.settings.delete_stays")}</p>
        <p>{t("app.settings.export")}</p>
        <label className="settings-check">
          <input type="checkbox" checked={understood} onChange={(event) => setUnderstood(event.target.checked)} />
          {t("app.settings.delete_check")}
        </label>
        <div className="button-row">
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button look="danger" disabled={!understood} busy={remove.isPending} onClick={() => remove.mutate()}>
            {t("app.settings.delete_button")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

function useDeleteMyData() {
  const api = useApi();
  const client = useQueryClient();
  const { session, storage } = useApp();
  return useMutation({
    mutationFn: () => answer(() => api.my.data.$delete()),
    onSuccess: () => {
      // The data on this device is deleted too: cached answers and drafts.
      client.clear();
      storage.clear();
      session.end("data_deleted");
    },
    onError: useFailed(),
  });
}
