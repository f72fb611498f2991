import { useCallback } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** Starts a chat and opens it; the server returns an existing empty one instead of a second. */
export function useNewThread() {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const { mutate, isPending } = useMutation({
    mutationFn: () => answer(() => api.my.threads.$post()),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: keys.threads });
      go(`/chats/${id}`);
    },
    onError: useFailed(),
  });
  const begin = useCallback(() => {
    // Only the server can create a chat, so this needs the network; messages in existing chats are queued instead.
    if (navigator.onLine) mutate();
    else toast({ text: t("app.threads.new_offline") });
  }, [mutate, toast, t]);
  return { begin, isPending };
}
