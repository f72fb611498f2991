import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer } from "../../lib/api.ts";
import type { ThreadView } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { mergeNewest, prependOlder } from "./merge-branch.ts";

/** One conversation: its newest messages at once, older ones by `older`. */
export function useThread(id: string) {
  const api = useApi();
  const client = useQueryClient();
  const key = keys.thread(id);
  const read = (before: string | undefined, signal?: AbortSignal) =>
    answer(() =>
      api.my.threads[":id"].$get(
        { param: { id }, query: before === undefined ? {} : { before } },
        signal ? { init: { signal } } : {},
      ),
    );
  const thread = useQuery<ThreadView>({
    queryKey: key,
    queryFn: async ({ signal }) => mergeNewest(client.getQueryData(key), await read(undefined, signal)),
  });
  const older = useMutation({
    mutationFn: (before: string) => read(before),
    onSuccess: (page) =>
      client.setQueryData<ThreadView>(key, (known) => (known === undefined ? known : prependOlder(known, page))),
  });
  return { ...thread, older };
}

/** Switches to the branch through another version of a message. */
export function useChooseBranch(id: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (message: string) =>
      answer(() => api.my.threads[":id"].head.$put({ param: { id }, json: { message } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.thread(id) }),
  });
}
