import { useLayoutEffect, useRef } from "react";
import { Banner } from "../components/Banner.tsx";
import { useT } from "../lib/app-context.ts";
import { useAway } from "../lib/use-online.ts";

/** Says that nothing can be sent right now, why, and that nothing is lost. Stays visible while the page scrolls. */
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

/** Sets `--banner` to the banner's height, so that the headers below stay clear of it. */
function useOwnHeight(place: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const update = () => document.documentElement.style.setProperty("--banner", `${element.offsetHeight}px`);
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
}
