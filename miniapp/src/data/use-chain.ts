/** The person's coins on TON: their wallet, deposits and withdrawals. Null where the server has no chain. */
import { useQuery } from "@tanstack/react-query";
import type { ChainOverview } from "@starai/protocol/wallet";
import { answer } from "../lib/api.ts";
import { useApi } from "../lib/app-context.ts";
import { keys } from "../lib/query-client.ts";

export type Chain = ChainOverview;

/** Deposits and withdrawals move without the feed's saying so: whoever comes back sees them. */
const FRESH_MS = 2_000;

/** @param pollMs  asks again this often, while something is on its way */
export function useChain({ pollMs = () => false }: { pollMs?: (chain: Chain | null) => number | false } = {}) {
  const api = useApi();
  return useQuery({
    queryKey: keys.chain,
    queryFn: ({ signal }) => answer<Chain | null>(() => api.my.wallet.$get({}, { init: { signal } })),
    staleTime: FRESH_MS,
    refetchInterval: ({ state }) => pollMs(state.data ?? null),
  });
}
