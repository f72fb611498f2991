/** The person's machines, what they were paid and what stands behind them. */
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { ContributorOverview } from "@starai/protocol/contributor";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";
import { Pace } from "./pace.ts";

/** Whoever comes back to the screen sees what is new. */
const FRESH_MS = 2_500;

/**
 * Machines work without the feed's saying so, as a job's end would be a hint each: whoever looks at working ones sees it within
 * seconds, and idle ones are asked rarer. Not asked while the app is hidden.
 */
export function useMachines() {
  const api = useApi();
  const [pace] = useState(() => new Pace());
  return useQuery({
    queryKey: keys.machines,
    queryFn: ({ signal }) => answer<ContributorOverview>(() => api.my.machines.$get({}, { init: { signal } })),
    staleTime: FRESH_MS,
    refetchInterval: ({ state: { data, dataUpdatedAt } }) => pace.next(data && withoutTime(data), dataUpdatedAt),
  });
}

/** The chain's time passes without anything happening. */
const withoutTime = (overview: ContributorOverview) => ({ ...overview, nowS: 0, readUntilS: 0 });
