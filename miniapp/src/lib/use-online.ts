/** Whether the app is offline (according to the browser), its server does not answer, or neither. */
import { useSyncExternalStore } from "react";
import { useApp } from "./app-context.ts";

/** The browser may be wrong, so this only chooses the words for a failure. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

export function useAway(): "network" | "server" | null {
  const { reach } = useApp();
  const online = useOnline();
  const reached = useSyncExternalStore(reach.subscribe, reach.reached);
  if (!online) return "network";
  return reached ? null : "server";
}

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}
