/** The pool's current figures and its last day. Public: requested without a session. */
import { useQuery } from "@tanstack/react-query";
import type { PoolPay } from "@starai/protocol/pool-status";
import { answer, publicApi } from "../../lib/api.ts";
import { keys } from "../../lib/query-client.ts";

/** Refresh interval; the server's own figures are means over 10 s. */
const NOW_EVERY_MS = 3_000;
const HISTORY_EVERY_MS = 60_000;

export function usePoolNow() {
  return useQuery({
    queryKey: keys.poolNow,
    queryFn: ({ signal }) => answer(() => publicApi.pool.$get({}, { init: { signal } })),
    refetchInterval: NOW_EVERY_MS,
  });
}

export type PoolNow = NonNullable<ReturnType<typeof usePoolNow>["data"]>;

export function usePoolPay() {
  return useQuery({
    queryKey: keys.poolPay,
    queryFn: ({ signal }) => answer<PoolPay>(() => publicApi.pool.pay.$get({}, { init: { signal } })),
    refetchInterval: HISTORY_EVERY_MS,
  });
}

export function usePoolHistory() {
  return useQuery({
    queryKey: keys.poolHistory,
    queryFn: ({ signal }) => answer(() => publicApi.pool.history.$get({}, { init: { signal } })),
    refetchInterval: HISTORY_EVERY_MS,
  });
}
