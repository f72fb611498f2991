import { useLayoutEffect, useRef } from "react";
import type { KeyboardEvent } from "react";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./Icon.tsx";
import { useModal } from "./use-modal.ts";
import "./Menu.css";

export interface MenuItem {
  icon: IconName;
  label: string;
  onChoose: () => void;
  danger?: boolean;
}

interface MenuProps {
  label: string;
  items: MenuItem[];
  /** Where on the window it opens, in CSS pixels: beside the finger, the pointer or the button. */
  at: { x: number; y: number };
  onClose: () => void;
}

/** A context menu. Arrows, Home and End move between its items; Escape, Tab and a tap outside close it. */
export function Menu({ label, items, at, onClose }: MenuProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    place(element, at);
    element.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    // Its size is final only when its style sheet and the person's text size are applied.
    const sized = new ResizeObserver(() => place(element, at));
    sized.observe(element);
    return () => sized.disconnect();
  }, [at]);
  return (
    <dialog
      ref={dialog}
      className="menu"
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
      onContextMenu={(event) => event.preventDefault()}
    >
      <div role="menu" aria-label={label} tabIndex={-1} onKeyDown={(event) => moveFocus(event, onClose)}>
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`menu-item ${item.danger === true ? "menu-danger" : ""}`}
            onClick={() => {
              onClose();
              item.onChoose();
            }}
          >
            <Icon name={item.icon} size={20} />
            {item.label}
          </button>
        ))}
      </div>
    </dialog>
  );
}

/** Where a menu opens beside its button. */
export function cornerOf(button: HTMLElement): { x: number; y: number } {
  const { right, bottom } = button.getBoundingClientRect();
  return { x: right, y: bottom };
}

/** Keeps the whole menu on the screen, 8 px from its edges. */
function place(element: HTMLElement, { x, y }: { x: number; y: number }): void {
  // Measured in the corner: elsewhere the room left beside it would limit its width.
  Object.assign(element.style, { left: "8px", top: "8px" });
  const { width, height } = element.getBoundingClientRect();
  element.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

function moveFocus(event: KeyboardEvent<HTMLElement>, onClose: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const now = items.findIndex((item) => item === document.activeElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") {
    event.preventDefault();
    onClose();
  } else if (next !== undefined) {
    event.preventDefault();
    items.at(next % items.length)?.focus();
  }
}
