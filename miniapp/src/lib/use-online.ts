/** What stands between the app and its server: no network (as the browser thinks), a server that does not answer, or nothing. */
import { useSyncExternalStore } from "react";
import { useApp } from "./app-context.ts";

/** The browser may be wrong, so this only words what failed. */
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
