/** The person's chats as far as the list was scrolled. */
import { useCallback } from "react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { appendOlder, mergeNewest } from "../../data/merge-newest.ts";
import type { ThreadPage } from "../../data/merge-newest.ts";
import { answer } from "../../lib/api.ts";
import type { Api } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

type Page = Awaited<ReturnType<typeof pageOf>>;
export type Thread = Page["threads"][number];

/**
 * The chats that match `search`, archived ones included; without a search the whole list or the whole archive. A change
 * fetches only the newest page.
 */
export function useThreads(search: string, archived: boolean) {
  const api = useApi();
  const client = useQueryClient();
  const key = keys.threadList(search, archived);
  const known = () => client.getQueryData<ThreadPage<Thread>>(key);
  const list = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const newest = await pageOf(api, { search, archived, before: null, signal });
      return mergeNewest(known(), newest);
    },
    placeholderData: keepPreviousData,
  });
  const older = useMutation({
    mutationFn: (before: string) => pageOf(api, { search, archived, before }),
    onSuccess: (page) => client.setQueryData<ThreadPage<Thread>>(key, (rows) => appendOlder(rows, page)),
  });
  const before = list.data?.before ?? null;
  const { mutate, isPending, isError } = older;
  return {
    rows: list.data?.threads,
    /** Whether the rows are still the results of the previous search, while the new one is in progress. */
    stale: list.isPlaceholderData,
    search,
    error: list.error,
    retry: () => void list.refetch(),
    more: {
      wanted: before !== null && !list.isPlaceholderData,
      busy: isPending,
      failed: isError,
      load: useCallback(() => {
        if (before !== null) mutate(before);
      }, [before, mutate]),
    },
  };
}

async function pageOf(
  api: Api,
  {
    search,
    archived,
    before,
    signal,
  }: { search: string; archived: boolean; before: string | null; signal?: AbortSignal },
) {
  const query = {
    ...(search !== "" && { q: search }),
    ...(archived && { archived: "true" as const }),
    ...(before !== null && { before }),
  };
  return answer(() => api.my.threads.$get({ query }, signal ? { init: { signal } } : {}));
}
