/** What the person has, what each part of it can do, and what limits it. */
import { useQuery } from "@tanstack/react-query";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

/** Credits may come from the bot's chat, which the feed does not report: whoever comes back to the app sees them. */
const FRESH_MS = 2_000;

/** @param pollMs  asks again this often, while a change is expected that the feed does not report */
export function useMoney({ pollMs = () => false }: { pollMs?: () => number | false } = {}) {
  const api = useApi();
  return useQuery({
    queryKey: keys.moneyNow,
    queryFn: ({ signal }) => answer(() => api.my.money.$get({}, { init: { signal } })),
    staleTime: FRESH_MS,
    refetchInterval: pollMs,
  });
}

export type Money = NonNullable<ReturnType<typeof useMoney>["data"]>;
