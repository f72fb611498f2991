/** Our consent to close at once, checked on this device before its owner relies on it. Asked again it is the same one. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConsentView, EscrowView } from "@starai/protocol/escrow";
import { useFailed } from "../../../components/use-failed.ts";
import { answer } from "../../../lib/api.ts";
import { useApi } from "../../../lib/app-context.ts";
import { keys } from "../../../lib/query-client.ts";
import { consentFault } from "./check-consent.ts";

export function useConsent() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const consent = await answer<ConsentView>(() => api.my.escrow.consent.$post());
      // As of now: another device may have signed since this screen looked.
      const view = await answer<EscrowView>(() => api.my.escrow.$get());
      return { consent, fault: await consentFault(view, consent) };
    },
    onError: useFailed(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.escrow }),
  });
}

export type AskConsent = ReturnType<typeof useConsent>;
