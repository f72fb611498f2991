/**
 * One act that a wallet is asked for: looks at the chain for its time, stores that a wallet is about to be asked, and only
 * then asks. What may have been sent is not sent again unless the person says so.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { QueryKey } from "@tanstack/react-query";
import { useEffect } from "react";
import { answer as answered, dispatch, prepare } from "@starai/contracts/connect/request-once";
import type { WalletRequest } from "@starai/contracts/connect/wallet-request";
import type { Chain } from "../../data/use-chain.ts";
import { useApp } from "../../lib/app-context.ts";
import type { useKept } from "../../lib/use-kept.ts";
import { isUnderWay, phaseOfAct, settledAct } from "./asked-act.ts";
import type { Asked } from "./asked-act.ts";
import { useConnect } from "./use-connect.ts";
import { useWalletFailed } from "./use-wallet-failed.ts";
import { useWallets } from "./use-wallets.ts";
import { WalletNotConnected } from "./wallet-not-connected.ts";

/** For the making of a request, once a wallet is there. */
export interface Asking {
  /** Random, and new for each. */
  queryId: bigint;
  /** The wallet that will be asked, raw. */
  from: string | null;
}

interface ActRules<What, Wish> {
  chain: Chain;
  /** Where this device keeps the latest act. */
  own: ReturnType<typeof useKept<What & Asked>>;
  /** Whether the chain shows what the kept act was to bring about. */
  found: boolean;
  /** The chain's time of that look, UNIX seconds; 0 before the first. */
  chainS: number;
  /** @throws WalletNotConnected where this wallet cannot do it; the person then chooses another */
  make: (wish: Wish, asking: Asking) => Promise<{ what: What; request: WalletRequest }>;
  /** What is read again once the wallet has answered, and what else once the chain shows the act. */
  stale: { answered: QueryKey; done: QueryKey | null };
}

export function useAskedAct<What extends object, Wish>(rules: ActRules<What, Wish>) {
  const { chain, own, found, chainS, make, stale } = rules;
  const { kept, read, keep } = own;
  const client = useQueryClient();
  const openWallets = useWallets(chain);
  const connect = useConnect(chain);
  useEffect(() => {
    const now = kept && settledAct(kept, { found, chainS });
    if (now !== kept) keep(now);
  }, [kept, found, chainS, keep]);
  const phase = phaseOfAct(kept);
  useTold(phase === "done", stale.done);
  const ask = useMutation({
    mutationFn: async (wish: Wish) => {
      const wallets = await openWallets();
      if (!wallets.connected()) await connect(wallets);
      const queryId = randomQueryId();
      const { what, request } = await make(wish, { queryId, from: wallets.address() }).catch(async (error: unknown) => {
        if (error instanceof WalletNotConnected) await wallets.forget();
        throw error;
      });
      const once = prepare(read()?.request ?? null, { queryId, validUntil: request.validUntil });
      keep({ ...what, request: dispatch(once), sent: false });
      const outcome = await wallets.send(request);
      const now = read();
      // Meanwhile the chain may have shown it.
      if (now?.request.queryId !== String(queryId)) return;
      keep({ ...now, request: answered(now.request, outcome), sent: outcome === "sent" });
    },
    onError: useWalletFailed(),
    onSettled: () => client.invalidateQueries({ queryKey: stale.answered }),
  });
  return { kept, phase, keep, ask, busy: ask.isPending || isUnderWay(phase) };
}

/** Tells the person that the chain shows it, and has read again what that changes. */
function useTold(done: boolean, stale: QueryKey | null): void {
  const { telegram } = useApp();
  const client = useQueryClient();
  useEffect(() => {
    if (!done) return;
    telegram.haptic("done");
    if (stale !== null) void client.invalidateQueries({ queryKey: stale });
  }, [done, stale, telegram, client]);
}

function randomQueryId(): bigint {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return ((BigInt(high) << 32n) | BigInt(low)) >> 1n;
}
