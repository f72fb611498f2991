import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Confirm } from "../../components/Confirm.tsx";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { forgetThread } from "./forget-thread.ts";

interface DeleteThreadProps {
  id: string;
  title: string;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks for confirmation, says what is lost and what stays, and deletes a chat. */
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
