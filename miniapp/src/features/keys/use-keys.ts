/** The person's API keys: the list, and making, changing and revoking one. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useFailed } from "../../components/use-failed.ts";
import { answer, answerOnce } from "../../lib/api.ts";
import type { Api } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

export function useKeys() {
  const api = useApi();
  return useQuery({ queryKey: keys.apiKeys, queryFn: ({ signal }) => listKeys(api, signal) });
}

async function listKeys(api: Api, signal: AbortSignal) {
  return (await answer(() => api.my.keys.$get({}, { init: { signal } }))).keys;
}

export type ApiKey = NonNullable<ReturnType<typeof useKeys>["data"]>[number];

export interface KeyWish {
  name: string;
  /** Micro-dollars a day. */
  dayCap: number;
}

/** The key itself is in the answer and nowhere else. */
export function useMakeKey() {
  const api = useApi();
  return useKeyChange((json: KeyWish) => answerOnce(() => api.my.keys.$post({ json })));
}

export function useChangeKey(id: string) {
  const api = useApi();
  return useKeyChange((json: KeyWish) => answer(() => api.my.keys[":id"].$patch({ param: { id }, json })));
}

export function useRevokeKey(id: string) {
  const api = useApi();
  return useKeyChange(() => answer(() => api.my.keys[":id"].$delete({ param: { id } })));
}

function useKeyChange<Wish, Answer>(change: (wish: Wish) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.apiKeys }),
    onError: useFailed(),
  });
}
