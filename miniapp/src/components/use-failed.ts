import { useCallback } from "react";
import { ServerRefused } from "@starai/server/client";
import { useT } from "../lib/app-context.ts";
import { useToast } from "./Toast.tsx";

/** Shows a toast that an action had no effect, and why; for a mutation's `onError`. */
export function useFailed(): (error: unknown) => void {
  const t = useT();
  const toast = useToast();
  return useCallback(
    (error) => {
      const refused = error instanceof ServerRefused && !error.mayPass;
      toast({ text: refused ? error.message : t(navigator.onLine ? "app.failed.text" : "app.offline.text") });
    },
    [t, toast],
  );
}
