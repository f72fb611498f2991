/**
 * iOS shows its keyboard over the page instead of shrinking it, so that fixed elements are hidden under it. The visual
 * viewport knows the covered height; `--keyboard` passes it to the styles.
 */
import { useEffect } from "react";

export function useKeyboardInset(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return undefined;
    const root = document.documentElement;
    const tell = () => {
      // When zoomed in, the viewport is smaller for another reason.
      const covered = viewport.scale > 1.01 ? 0 : window.innerHeight - viewport.height - viewport.offsetTop;
      root.style.setProperty("--keyboard", `${Math.max(0, Math.round(covered))}px`);
      root.toggleAttribute("data-keyboard", covered > 100);
    };
    tell();
    viewport.addEventListener("resize", tell);
    viewport.addEventListener("scroll", tell);
    return () => {
      viewport.removeEventListener("resize", tell);
      viewport.removeEventListener("scroll", tell);
      root.style.removeProperty("--keyboard");
      root.removeAttribute("data-keyboard");
    };
  }, []);
}
