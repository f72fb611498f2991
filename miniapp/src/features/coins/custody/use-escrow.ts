/** The person's escrow as the server and the chain show it. */
import { useQuery } from "@tanstack/react-query";
import type { EscrowView } from "@starai/protocol/escrow";
import { answer } from "../../../lib/api.ts";
import { useApi } from "../../../lib/app-context.ts";
import { keys } from "../../../lib/query-client.ts";

/** The chain moves without the feed's saying so: whoever comes back sees it. */
const FRESH_MS = 2_000;

/** @param pollMs  asks again this often, while something is on its way */
export function useEscrow(pollMs: (view: EscrowView | undefined) => number | false = () => false) {
  const api = useApi();
  return useQuery({
    queryKey: keys.escrow,
    queryFn: ({ signal }) => answer<EscrowView>(() => api.my.escrow.$get({}, { init: { signal } })),
    staleTime: FRESH_MS,
    refetchInterval: ({ state }) => pollMs(state.data),
  });
}
