/** The person's machines, what they were paid and what stands behind them. */
import { useQuery } from "@tanstack/react-query";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

/** Machines work without the feed's saying so: whoever looks sees it. Not asked while the app is hidden. */
const EVERY_MS = 5_000;

export function useMachines() {
  const api = useApi();
  return useQuery({
    queryKey: keys.machines,
    queryFn: ({ signal }) => answer<ContributorOverview>(() => api.my.machines.$get({}, { init: { signal } })),
    staleTime: EVERY_MS / 2,
    refetchInterval: EVERY_MS,
  });
}
