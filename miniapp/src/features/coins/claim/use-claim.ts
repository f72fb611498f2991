/** Asks a wallet to bring pay to the person's one. Any may send a claim: it pays the owner of the leaf and nobody else. */
import { claimRequest } from "@starai/contracts/connect/contributor-requests";
import type { ClaimProof, ContributorOverview } from "@starai/protocol/contributor";
import type { Chain } from "../../../data/use-chain.ts";
import { answer } from "../../../lib/api.ts";
import { useApi } from "../../../lib/app-context.ts";
import { keys } from "../../../lib/query-client.ts";
import { useKept } from "../../../lib/use-kept.ts";
import { useAskedAct } from "../use-asked-act.ts";
import type { Asking } from "../use-asked-act.ts";
import { isPaid, restoreClaim } from "./claim-act.ts";

export function useClaim(chain: Chain, overview: ContributorOverview) {
  const api = useApi();
  const own = useKept("machines.claim", restoreClaim);
  const make = async (distributor: string, { queryId }: Asking) => {
    const { wallet, deploy, proof, value } = await answer<ClaimProof>(() => api.my.claim.$get());
    const { nowS, earnings } = await answer<ContributorOverview>(() => api.my.machines.$get());
    const request = claimRequest(
      { networkId: chain.network.id, nowS, queryId },
      { distributor, owner: wallet, deploy, proof, claimValue: BigInt(value) },
    );
    return { what: { wallet, claimed: earnings.claimed, owed: earnings.claimable }, request };
  };
  return useAskedAct({
    chain,
    own,
    found: own.kept !== null && isPaid(own.kept, overview),
    chainS: overview.readUntilS,
    make,
    // The overview that shows it as paid is all that it changes.
    stale: { answered: keys.machines, done: null },
  });
}
