/** Opens a message's menu: by long press, by right click, and by the keyboard's menu key or Shift+F10. */
import { useRef, useState } from "react";
import type { KeyboardEvent, MouseEvent, PointerEvent } from "react";
import { useApp } from "../../lib/app-context.ts";

export interface MenuPlace {
  x: number;
  y: number;
}

/** As for phones' own menus. */
const LONG_PRESS_MS = 450;
/** Movement that still counts as a press, because a finger is never quite still; CSS pixels. */
const PRESS_SLACK_PX = 10;

export function useMessageMenu() {
  const { telegram } = useApp();
  const [at, setAt] = useState<MenuPlace | null>(null);
  const press = useRef<{ timer: number; x: number; y: number } | null>(null);
  const open = (place: MenuPlace) => setAt(place);
  const letGo = () => {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
  };
  return {
    at,
    open,
    close: () => setAt(null),
    handlers: {
      onContextMenu: (event: MouseEvent<HTMLElement>) => {
        // Links and selected text keep the browser's own menu.
        if ((event.target as HTMLElement).closest("a, pre, textarea") || getSelection()?.isCollapsed === false) return;
        event.preventDefault();
        letGo();
        // The keyboard's menu key has no coordinates.
        open(
          event.clientX === 0 && event.clientY === 0
            ? placeOf(event.currentTarget)
            : { x: event.clientX, y: event.clientY },
        );
      },
      onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
        if (event.target !== event.currentTarget) return;
        if (event.key !== "Enter" && !(event.key === "F10" && event.shiftKey)) return;
        event.preventDefault();
        open(placeOf(event.currentTarget));
      },
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.pointerType !== "touch" || (event.target as HTMLElement).closest("button, a, pre, .answer-table"))
          return;
        const { clientX: x, clientY: y } = event;
        const timer = window.setTimeout(() => {
          press.current = null;
          telegram.haptic("tap");
          open({ x, y });
        }, LONG_PRESS_MS);
        press.current = { timer, x, y };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const from = press.current;
        if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > PRESS_SLACK_PX) letGo();
      },
      onPointerUp: letGo,
      onPointerCancel: letGo,
    },
  };
}

function placeOf(element: HTMLElement): MenuPlace {
  const { left, top, bottom } = element.getBoundingClientRect();
  return { x: left + 24, y: Math.min(Math.max(top + 24, 80), bottom) };
}
