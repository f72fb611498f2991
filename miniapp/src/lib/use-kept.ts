/** What this device must not forget when its page is closed, as what a wallet was asked for: for each person one value of a name. */
import { useCallback, useSyncExternalStore } from "react";
import { useApp } from "./app-context.ts";

/** As this page knows them, by place. Read back from the device a value may have lost what only the page knew. */
const known = new Map<string, object | null>();
const listeners = new Set<() => void>();

// Another page of this device asked a wallet: what is known here is old.
if (typeof window !== "undefined")
  window.addEventListener("storage", ({ key }) => {
    if (key === null) known.clear();
    else known.delete(key);
    for (const listener of listeners) listener();
  });

/** @param restore  reads what was stored, null where it is none; the same function at every call */
export function useKept<Value extends object>(name: string, restore: (text: string) => Value | null) {
  const { storage, telegram } = useApp();
  const place = `starai.${name}.${telegram.person}`;
  const read = useCallback(() => {
    if (!known.has(place)) known.set(place, restore(storage.getItem(place) ?? ""));
    return known.get(place) as Value | null;
  }, [storage, place, restore]);
  const keep = useCallback(
    (value: Value | null) => {
      known.set(place, value);
      if (value === null) storage.removeItem(place);
      else storage.setItem(place, JSON.stringify(value));
      for (const listener of listeners) listener();
    },
    [storage, place],
  );
  return { kept: useSyncExternalStore(subscribe, read), read, keep };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
