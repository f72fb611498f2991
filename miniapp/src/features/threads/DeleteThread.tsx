import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApi, useT } from "../../app/app-context.ts";
import { Confirm } from "../../components/Confirm.tsx";
import { useToast } from "../../components/Toast.tsx";
import { answer } from "../../lib/api.ts";
import { forgetThread } from "./forget-thread.ts";
import { useFailed } from "../../app/use-failed.ts";

interface DeleteThreadProps {
  id: string;
  title: string;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks, says what is lost and what stays, and deletes. */
export function DeleteThread({ id, title, onClose, onDeleted }: DeleteThreadProps) {
  const t = useT();
  const api = useApi();
  const client = useQueryClient();
  const toast = useToast();
  const failed = useFailed();
  const remove = useMutation({
    mutationFn: () => answer(() => api.my.threads[":id"].$delete({ param: { id } })),
    onSuccess: () => {
      onDeleted?.();
      forgetThread(client, id);
      toast({ text: t("app.menu.deleted", { title }) });
      onClose();
    },
    onError: failed,
  });
  return (
    <Confirm
      title={t("app.menu.delete_title", { title })}
      text={t("app.menu.delete_text")}
      action={t("app.menu.delete")}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
