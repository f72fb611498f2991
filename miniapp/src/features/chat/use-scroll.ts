/**
 * The window's scrolling in a conversation. While the reader is at the end, the end stays in view as text grows; after
 * scrolling up the position is left alone. When older messages appear above, what was being read does not move: done
 * here, because Safari does not anchor scrolling.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** A reader this close to the end counts as being at the end; CSS pixels. */
const NEAR_END = 48;

/** @param first  the id of the topmost message; it changes when older messages are added above */
export function useScroll(first: string | undefined) {
  const held = useRef(true);
  const lastY = useRef(0);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    held.current = true;
    setAtEnd(true);
    window.scrollTo({ top: document.documentElement.scrollHeight });
  }, []);

  useEffect(() => {
    const onScroll = () => {
      const left = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
      // Any movement up releases the end, so that a slow finger is not pulled back; growth at the end does not.
      if (window.scrollY < lastY.current - 1 && left > 2) held.current = false;
      else if (left <= NEAR_END) held.current = true;
      lastY.current = window.scrollY;
      setAtEnd(held.current || left <= NEAR_END);
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, []);

  useLayoutEffect(() => {
    const follow = () => {
      if (held.current) window.scrollTo({ top: document.documentElement.scrollHeight });
      // A page that became shorter scrolled by itself, not by the reader.
      lastY.current = Math.min(lastY.current, window.scrollY);
    };
    follow();
    // A ResizeObserver is called after layout and before paint, so the end never visibly jumps.
    const observer = new ResizeObserver(follow);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  useHeldPlace(first, held);
  return { atEnd, toEnd };
}

/** Keeps the message that was topmost where it was on the screen when others come above it. */
function useHeldPlace(first: string | undefined, held: { current: boolean }): void {
  const before = useRef<{ first: string | undefined; height: number }>({ first, height: 0 });
  useLayoutEffect(() => {
    const height = document.documentElement.scrollHeight;
    const grown = height - before.current.height;
    const old = before.current.first;
    const stillThere = old !== undefined && document.querySelector(`[data-message="${old}"]`) !== null;
    if (old !== first && stillThere && !held.current) window.scrollBy({ top: grown });
    before.current = { first, height };
  });
}
