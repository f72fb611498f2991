/** One chat's name and choices, without its messages, and changing them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Persona } from "@starai/protocol/personas";
import { useFailed } from "../components/use-failed.ts";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

export function useThreadFacts(id: string) {
  const api = useApi();
  return useQuery({
    // Under the chat's own key, so that both become stale together.
    queryKey: [...keys.thread(id), "facts"],
    queryFn: async ({ signal }) => {
      const thread = await answer(() => api.my.threads[":id"].$get({ param: { id }, query: {} }, { init: { signal } }));
      const { title, current, model, persona, instructions } = thread;
      return { title, current, model, persona, instructions };
    },
  });
}

export interface ThreadChange {
  title?: string;
  /** `null` follows the person's default. */
  model?: string | null;
  persona?: Persona | null;
  instructions?: string;
  pinned?: boolean;
  archived?: boolean;
  current?: true;
}

/** Changes a chat; a refusal shows a toast and changes nothing. */
export function useChangeThread(id: string) {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: ThreadChange) => answer(() => api.my.threads[":id"].$patch({ param: { id }, json })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.threads }),
        client.invalidateQueries({ queryKey: keys.thread(id) }),
      ]),
    onError: useFailed(),
  });
}
