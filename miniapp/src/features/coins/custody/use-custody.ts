/** A person's escrow with what this device asked for it, which goes on whether or not the screen is still open. */
import { escrowAddress } from "@starai/contracts/connect/escrow-requests";
import type { EscrowView } from "@starai/protocol/escrow";
import type { Chain } from "../../../data/use-chain.ts";
import { answer } from "../../../lib/api.ts";
import { useApi } from "../../../lib/app-context.ts";
import { keys } from "../../../lib/query-client.ts";
import { useKept } from "../../../lib/use-kept.ts";
import { paceOfAct, SLOW_POLL_MS } from "../asked-act.ts";
import { useAskedAct } from "../use-asked-act.ts";
import type { Asking } from "../use-asked-act.ts";
import { WalletNotConnected } from "../wallet-not-connected.ts";
import { isDone, restoreAct } from "./custody-act.ts";
import { useEscrow } from "./use-escrow.ts";
import { termsOf } from "./wishes.ts";
import type { Wish } from "./wishes.ts";

export function useCustody(chain: Chain) {
  const api = useApi();
  const own = useKept("custody.act", restoreAct);
  const { kept, read } = own;
  const escrow = useEscrow((view) => view !== undefined && (paceOfAct(read(), view.nowS) || paceOf(view)));
  const view = escrow.data;
  const make = async (wish: Wish, { queryId, from }: Asking) => {
    const now = await answer<EscrowView>(() => api.my.escrow.$get());
    const { networkId, owner } = now.terms;
    if (from !== owner) throw new WalletNotConnected("other");
    if ((await escrowAddress(termsOf(now))) !== now.address) throw new Error("this is not the escrow of its terms");
    const { act, request } = await wish(now, { networkId, nowS: now.nowS, queryId });
    return { what: { act }, request };
  };
  const asked = useAskedAct({
    chain,
    own,
    found: kept !== null && view !== undefined && isDone(kept.act, view),
    chainS: view?.nowS ?? 0,
    make,
    stale: { answered: keys.escrow, done: keys.money },
  });
  return { escrow, ...asked };
}

export type Custody = ReturnType<typeof useCustody>;

/** What goes on without the person: answers being redeemed or counted, a consent's time. */
function paceOf({ blocked }: EscrowView): number | false {
  return ["unredeemed", "counting", "stale", "consented"].includes(blocked ?? "") && SLOW_POLL_MS;
}
