import { useId, useRef } from "react";
import type { ReactNode } from "react";
import { useT } from "../lib/app-context.ts";
import { IconButton } from "./Button.tsx";
import { useModal } from "./use-modal.ts";
import "./Sheet.css";

/**
 * A panel that rises from the bottom, in the middle on wide screens. A real modal dialog: focus stays in it, Escape and
 * a tap outside close it, and focus returns to where it was. Rendered only while open.
 */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const t = useT();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="sheet-body">
        <header className="sheet-header">
          <h2 id={id} className="sheet-title">
            {title}
          </h2>
          <IconButton icon="close" label={t("app.close")} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
