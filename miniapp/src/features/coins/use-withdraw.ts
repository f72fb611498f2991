/** Asks for a withdrawal; asked again for the same amount after a lost answer it is the same one. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useLocation } from "wouter";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { answer } from "../../lib/api.ts";
import { useApi, useT } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";

interface Wish {
  id: string;
  amount: bigint;
}

export function useWithdraw() {
  const t = useT();
  const api = useApi();
  const toast = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const asked = useRef<Wish | null>(null);
  const ask = useMutation({
    mutationFn: ({ id, amount }: Wish) => answer(() => api.my.payouts.$post({ json: { id, amount: String(amount) } })),
    onSuccess: (chain) => {
      client.setQueryData(keys.chain, chain);
      void client.invalidateQueries({ queryKey: keys.moneyNow });
      void client.invalidateQueries({ queryKey: keys.moneyHistory });
      toast({ text: t("wallet.coins.withdraw_asked") });
      go("/wallet/coins");
    },
    onError: useFailed(),
  });
  return {
    busy: ask.isPending,
    send: (amount: bigint) => {
      if (asked.current?.amount !== amount) asked.current = { id: crypto.randomUUID(), amount };
      ask.mutate(asked.current);
    },
  };
}
