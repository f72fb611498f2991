/** Whether this device has a key of an escrow of the person's, so that the app loads what signs with it. */
import { useCallback, useSyncExternalStore } from "react";
import { useApp } from "../lib/app-context.ts";

const listeners = new Set<() => void>();

export function useCustodyMark() {
  const { storage, telegram } = useApp();
  const place = `starai.custody.${telegram.person}`;
  const read = useCallback(() => storage.getItem(place) !== null, [storage, place]);
  const mark = useCallback(() => {
    storage.setItem(place, "1");
    for (const listener of listeners) listener();
  }, [storage, place]);
  return { marked: useSyncExternalStore(subscribe, read), mark };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
