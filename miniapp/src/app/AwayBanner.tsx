import { useLayoutEffect, useRef } from "react";
import { Banner } from "../components/Banner.tsx";
import { useT } from "../lib/app-context.ts";
import { useAway } from "../lib/use-online.ts";

/** Says that nothing goes out right now, why, and what that means: nothing is lost. It stays in sight while one scrolls. */
export function AwayBanner() {
  const t = useT();
  const away = useAway();
  const place = useRef<HTMLDivElement>(null);
  useOwnHeight(place);
  return (
    <div ref={place} className="banner-place">
      {away !== null && <Banner>{t(away === "network" ? "app.offline.banner" : "app.away.banner")}</Banner>}
    </div>
  );
}

/** Tells the headers below how much is covered. */
function useOwnHeight(place: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const tell = () => document.documentElement.style.setProperty("--banner", `${element.offsetHeight}px`);
    const observer = new ResizeObserver(tell);
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
}
