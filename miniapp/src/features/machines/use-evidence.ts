import { useQuery } from "@tanstack/react-query";
import type { SlashEvidence } from "@starai/protocol/contributor";
import { answer } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

/** What a slash is proposed for; it never changes. */
export function useEvidence(slash: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.slashEvidence(slash),
    queryFn: ({ signal }) =>
      answer<SlashEvidence>(() => api.my.slashes[":id"].evidence.$get({ param: { id: slash } }, { init: { signal } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
