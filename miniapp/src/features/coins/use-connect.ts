/** Connects a wallet with a proof of whose it is, and binds it where the person has none: a bound one is changed only on purpose. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Chain } from "../../data/use-chain.ts";
import { answer, answerOnce } from "../../lib/api.ts";
import { useApi } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import type { Wallets } from "./ton-connect.ts";

/** @throws WalletNotConnected, ServerRefused, ServerUnreachable */
export function useConnect({ wallet }: Pick<Chain, "wallet">) {
  const api = useApi();
  const client = useQueryClient();
  const isBound = wallet !== null;
  return useCallback(
    async (wallets: Wallets, { change = false }: { change?: boolean } = {}) => {
      const { nonce } = await answer(() => api.my.wallet.nonces.$post());
      const proof = await wallets.connect(nonce);
      if (isBound && !change) return;
      // A nonce counts once, so a proof is sent once.
      const bound = await answerOnce(() => api.my.wallet.$put({ json: proof })).catch(async (error: unknown) => {
        await wallets.forget();
        throw error;
      });
      client.setQueryData(keys.chain, bound);
    },
    [api, client, isBound],
  );
}
