/** A person's stake with what this device asked for it, which goes on whether or not the screen is still open. */
import { useQuery } from "@tanstack/react-query";
import { accountAddress } from "@starai/contracts/connect/contributor-requests";
import type { MyStake } from "@starai/protocol/contributor";
import type { Chain } from "../../../data/use-chain.ts";
import { answer } from "../../../lib/api.ts";
import { useApi } from "../../../lib/app-context.ts";
import { keys } from "../../../lib/query-client.ts";
import { useKept } from "../../../lib/use-kept.ts";
import { paceOfAct } from "../asked-act.ts";
import { useAskedAct } from "../use-asked-act.ts";
import type { Asking } from "../use-asked-act.ts";
import { WalletNotConnected } from "../wallet-not-connected.ts";
import { isDone, markOf, restoreStakeAct } from "./stake-act.ts";
import { requestOf } from "./stake-wish.ts";
import type { StakeWish } from "./stake-wish.ts";

/** The chain moves without the feed's saying so: whoever comes back sees it. */
const FRESH_MS = 2_000;

export function useStake(chain: Chain) {
  const api = useApi();
  const own = useKept("machines.stake", restoreStakeAct);
  const { kept, read } = own;
  const query = useQuery({
    queryKey: keys.stake,
    queryFn: ({ signal }) => answer<MyStake | null>(() => api.my.stake.$get({}, { init: { signal } })),
    staleTime: FRESH_MS,
    refetchInterval: ({ state: { data } }) => data != null && paceOfAct(read(), data.nowS),
  });
  const make = async (wish: StakeWish, { queryId, from }: Asking) => {
    const mine = await answer<MyStake | null>(() => api.my.stake.$get());
    const { wallet: owner = null, stake = null, distributor = "", nowS = 0 } = mine ?? {};
    if (owner === null || stake === null || from !== owner) throw new WalletNotConnected("other");
    const { account } = stake;
    if ((await accountAddress({ owner, distributor })) !== account) throw new Error("this is not the owner's account");
    const terms = { networkId: chain.network.id, nowS, queryId };
    const request = await requestOf(wish, terms, { owner, distributor, account });
    return { what: { kind: wish.kind, account, mark: markOf(wish.kind, stake, wish.amount) }, request };
  };
  const asked = useAskedAct({
    chain,
    own,
    found: kept !== null && isDone(kept, query.data?.stake ?? null),
    chainS: query.data?.nowS ?? 0,
    make,
    stale: { answered: keys.stake, done: keys.machines },
  });
  return { query, ...asked };
}

export type Stake = ReturnType<typeof useStake>;
