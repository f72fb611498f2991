/** Whether there is room for the list of chats beside a chat. */
import { useSyncExternalStore } from "react";

/** A list of 340 px and a chat that is not narrower than on a small tablet. */
const WIDE = "(min-width: 900px)";

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(WIDE).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
