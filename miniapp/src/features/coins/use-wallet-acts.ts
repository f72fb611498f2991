/** What a person does with their wallet: connect, change, take a change back, remove. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import type { Chain } from "../../data/use-chain.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { useConnect } from "./use-connect.ts";
import { useWalletFailed } from "./use-wallet-failed.ts";
import { useWallets } from "./use-wallets.ts";

export function useBindWallet(chain: Chain) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const openWallets = useWallets(chain);
  const connect = useConnect(chain);
  return useMutation({
    mutationFn: async () => connect(await openWallets(), { change: true }),
    onSuccess: () => toast({ text: t("wallet.coins.connect.done") }),
    onError: useWalletFailed(),
    // The answer to a proof may have been lost on its way.
    onSettled: () => client.invalidateQueries({ queryKey: keys.chain }),
  });
}

export function useCancelChange(onDone: () => void) {
  const api = useApi();
  return useChainAct(
    ({ id }: { id: string }) => answer(() => api.my.wallet[":id"].cancel.$post({ param: { id } })),
    onDone,
  );
}

export function useRemoveWallet(chain: Chain, onDone: () => void) {
  const api = useApi();
  const openWallets = useWallets(chain);
  return useChainAct(
    () => answer(() => api.my.wallet.$delete()),
    () => {
      onDone();
      // The wallet's own list of apps forgets us too, as soon as it hears of it.
      void openWallets().then(
        (wallets) => wallets.forget(),
        () => undefined,
      );
    },
  );
}

export function useCancelPayout(onDone: () => void) {
  const api = useApi();
  return useChainAct(
    ({ id }: { id: string }) => answer(() => api.my.payouts[":id"].cancel.$post({ param: { id } })),
    onDone,
  );
}

/** An act that the server answers with the new overview. */
function useChainAct<Input>(act: (input: Input) => Promise<Chain>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (chain) => {
      client.setQueryData(keys.chain, chain);
      void client.invalidateQueries({ queryKey: keys.moneyNow });
      void client.invalidateQueries({ queryKey: keys.moneyHistory });
      onDone();
    },
    onError: useFailed(),
  });
}
