import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, IconButton } from "../../components/Button.tsx";
import { Confirm } from "../../components/Confirm.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { forgetThread } from "./forget-thread.ts";

/** The most threads that the server deletes in one request. */
const AT_ONCE = 200;

interface ChosenThreadsProps {
  ids: ReadonlySet<string>;
  onAll: () => void;
  onEnd: () => void;
}

/** The actions for the selected chats, in place of the tabs. */
export function ChosenThreads({ ids, onAll, onEnd }: ChosenThreadsProps) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteThreads(onEnd);
  return (
    <div className="threads-chosen" role="group" aria-label={t("app.threads.select")}>
      <IconButton icon="close" label={t("app.cancel")} onClick={onEnd} />
      <span role="status">{t("app.threads.selected", { count: ids.size })}</span>
      <Button onClick={onAll}>{t("app.threads.select_all")}</Button>
      <Button look="danger" disabled={ids.size === 0} onClick={() => setAsking(true)}>
        {t("app.menu.delete")}
      </Button>
      {asking && (
        <Confirm
          title={t("app.threads.delete_some", { count: ids.size })}
          text={t("app.menu.delete_text")}
          action={t("app.menu.delete")}
          busy={remove.isPending}
          onConfirm={() => remove.mutate([...ids])}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function useDeleteThreads(onDone: () => void) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async (ids: string[]) => {
      let count = 0;
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE);
        const { deleted } = await answer(() => api.my.threads.delete.$post({ json: { ids: some } }));
        for (const id of deleted) forgetThread(client, id);
        count += deleted.length;
      }
      return count;
    },
    onSuccess: (count) => {
      toast({ text: t("app.threads.deleted_some", { count }) });
      onDone();
    },
    onError: useFailed(),
  });
}
