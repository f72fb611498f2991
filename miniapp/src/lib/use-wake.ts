/** A number that changes when the app comes back from where its connections may have died without a word. */
import { useEffect, useState } from "react";

/** Phones freeze a page in the background; a connection silent for this long is not to be trusted. */
const SLEPT_MS = 15_000;

export function useWake(): number {
  const [wakes, setWakes] = useState(0);
  useEffect(() => {
    let hiddenAt: number | null = document.hidden ? Date.now() : null;
    const woken = () => setWakes((count) => count + 1);
    const onVisibility = () => {
      if (!document.hidden && hiddenAt !== null && Date.now() - hiddenAt > SLEPT_MS) woken();
      hiddenAt = document.hidden ? Date.now() : null;
    };
    document.addEventListener("visibilitychange", onVisibility);
    addEventListener("online", woken);
    addEventListener("pageshow", onPageShow);
    function onPageShow(event: PageTransitionEvent) {
      if (event.persisted) woken();
    }
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("online", woken);
      removeEventListener("pageshow", onPageShow);
    };
  }, []);
  return wakes;
}
