/**
 * Takes a keyboard's and a screen reader's person along when the screen changes: to the place they left it by when they
 * come back to it, to its heading otherwise. A new heading that takes the focus is read out.
 */
import { useLayoutEffect } from "react";
import { useLocation } from "wouter";

/** Where the person is, and where they were before; null before the first change. */
let here: string | null = null;
let before: string | null = null;

/** @param heading  of the screen that was drawn; null for what stands beside it */
export function useArrival(heading: { current: HTMLElement | null } | null): void {
  const [path] = useLocation();
  useLayoutEffect(() => {
    if (heading === null || heading.current === null) return;
    const moved = here !== null && here !== path;
    if (here !== path) {
      before = here;
      here = path;
    }
    const lost = document.activeElement === null || document.activeElement === document.body;
    // The first screen is the page's own; one that replaces its skeleton moves nobody who has gone on meanwhile.
    if (before === null || !(moved || lost) || document.querySelector("dialog[open]")) return;
    const screen = heading.current.closest(".screen");
    // A field of this screen that took the focus keeps it.
    if (screen?.contains(document.activeElement) === true || document.activeElement?.matches(".search-field input"))
      return;
    const left = screen?.querySelector<HTMLElement>(`main a[href="#${CSS.escape(before)}"]`);
    (left ?? heading.current).focus({ preventScroll: left === null || left === undefined });
  }, [heading, path]);
}
