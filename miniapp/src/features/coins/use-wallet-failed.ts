import { NotAgain } from "@starai/contracts/connect/request-once";
import { useCallback } from "react";
import { useToast } from "../../components/Toast.tsx";
import { useFailed } from "../../components/use-failed.ts";
import { useT } from "../../lib/app-context.ts";
import "../../lib/late-texts.ts";
import { WalletNotConnected } from "./wallet-not-connected.ts";

/** Says why a wallet was not connected or not asked; closing its list is no fault. */
export function useWalletFailed(): (error: unknown) => void {
  const t = useT();
  const toast = useToast();
  const failed = useFailed();
  return useCallback(
    (error) => {
      if (error instanceof NotAgain) toast({ text: t("wallet.coins.not_again") });
      else if (!(error instanceof WalletNotConnected)) failed(error);
      else if (error.why !== "closed") toast({ text: t(`wallet.coins.connect.${error.why}`) });
    },
    [t, toast, failed],
  );
}
