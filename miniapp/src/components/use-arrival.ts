/**
 * Moves the focus of keyboard and screen reader users when the screen changes: when they return to a screen, to the link
 * they left it by, otherwise to its heading. A heading that gets the focus is read out.
 */
import { useLayoutEffect } from "react";
import { useLocation } from "wouter";

/** Where the person is, and where they were before; null before the first change. */
let here: string | null = null;
let before: string | null = null;

/** @param heading  of the rendered screen; null for the pane beside it */
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
    // The browser focuses the first screen itself; a screen that replaces its skeleton must not move a focus set meanwhile.
    if (before === null || !(moved || lost) || document.querySelector("dialog[open]")) return;
    const screen = heading.current.closest(".screen");
    // A field of this screen that has the focus keeps it.
    if (screen?.contains(document.activeElement) === true || document.activeElement?.matches(".search-field input"))
      return;
    const left = screen?.querySelector<HTMLElement>(`main a[href="#${CSS.escape(before)}"]`);
    (left ?? heading.current).focus({ preventScroll: left === null || left === undefined });
  }, [heading, path]);
}
