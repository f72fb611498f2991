/** Keys that work everywhere in the app: Ctrl/⌘K finds a chat, Ctrl/⌘⇧O begins one. */
import { useEffect } from "react";
import { useLocation } from "wouter";
import { focusSearch, requestSearchFocus } from "../features/threads/search-focus.ts";
import { useNewThread } from "../features/threads/use-new-thread.ts";

export function useShortcuts(): void {
  const [, go] = useLocation();
  const { begin } = useNewThread();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
      // An open dialog comes first.
      if (document.querySelector("dialog[open]")) return;
      // Compares the physical key too: other alphabets have other letters there.
      const is = (letter: string, code: string) => event.key.toLowerCase() === letter || event.code === code;
      if (!event.shiftKey && is("k", "KeyK")) {
        event.preventDefault();
        if (focusSearch()) return;
        requestSearchFocus();
        go("/");
      } else if (event.shiftKey && is("o", "KeyO")) {
        event.preventDefault();
        if (!event.repeat) begin();
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [go, begin]);
}
