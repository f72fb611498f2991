import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useApi } from "../../app/app-context.ts";
import { useFailed } from "../../app/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { keys } from "../../lib/query-client.ts";

/** Begins a chat and opens it; the server gives an empty one again rather than a second. */
export function useNewThread() {
  const api = useApi();
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
  return { begin: () => mutate(), isPending };
}
