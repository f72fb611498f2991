/** Signing in on the page for payments, by a wallet that its person connected in the app. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ServerRefused } from "@starai/server/client";
import { answer, answerOnce, publicApi } from "../../lib/api.ts";
import type { PaySession } from "../../lib/pay-session.ts";
import { keys } from "../../lib/query-client.ts";
import { useWalletFailed } from "./use-wallet-failed.ts";
import { useWallets } from "./use-wallets.ts";

export type PayTerms = NonNullable<Awaited<ReturnType<typeof readTerms>>>;

/** What is known before anybody signed in; null where the server has no chain. */
export function usePayTerms() {
  return useQuery({ queryKey: ["pay"], queryFn: ({ signal }) => readTerms(signal) });
}

function readTerms(signal: AbortSignal) {
  return answer(() => publicApi.pay.$get({}, { init: { signal } }));
}

export function useIsSignedIn({ subscribe, isOpen }: PaySession): boolean {
  return useSyncExternalStore(subscribe, isOpen);
}

/** `isUnknown`: the wallet proved itself, and nobody connected it in the app. */
export function useSignIn(terms: PayTerms, session: PaySession) {
  const client = useQueryClient();
  const openWallets = useWallets(terms);
  const failed = useWalletFailed();
  const signIn = useMutation({
    mutationFn: async () => {
      const wallets = await openWallets();
      const { nonce } = await answer(() => publicApi.pay.nonces.$post());
      const proof = await wallets.connect(nonce);
      // A nonce counts once, so a proof is sent once.
      const opened = await answerOnce(() => publicApi.pay.sessions.$post({ json: proof })).catch(
        async (error: unknown) => {
          await wallets.forget();
          throw error;
        },
      );
      // Somebody else may have been signed in before.
      client.removeQueries({ queryKey: keys.chain });
      session.begin(opened);
    },
    onError: (error) => {
      if (!isUnknown(error)) failed(error);
    },
  });
  return { start: () => signIn.mutate(), isBusy: signIn.isPending, isUnknown: isUnknown(signIn.error) };
}

/** The wallet's own list of pages forgets this one, too. */
export function useSignOut(terms: PayTerms, session: PaySession) {
  const openWallets = useWallets(terms);
  return useMutation({
    mutationFn: async () => {
      await session.signOut();
      await (await openWallets()).forget();
    },
  });
}

function isUnknown(error: unknown): boolean {
  return error instanceof ServerRefused && error.code === "forbidden";
}
