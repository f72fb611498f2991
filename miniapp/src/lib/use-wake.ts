/** A number that changes when the app wakes up and its connections may have been lost silently. */
import { useEffect, useState } from "react";

/** Phones freeze a page in the background; after this long its connections may be dead. */
const HIDDEN_MS_MAX = 15_000;

export function useWake(): number {
  const [wakes, setWakes] = useState(0);
  useEffect(() => {
    let hiddenAt: number | null = document.hidden ? Date.now() : null;
    const woken = () => setWakes((count) => count + 1);
    const onVisibility = () => {
      if (!document.hidden && hiddenAt !== null && Date.now() - hiddenAt > HIDDEN_MS_MAX) woken();
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
