import { useLayoutEffect } from "react";

/** Shows a dialog above everything while it is rendered; afterwards the focus returns to where it was. */
export function useModal(dialog: { current: HTMLDialogElement | null }): void {
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return undefined;
    const before = document.activeElement;
    element.showModal();
    // A layout effect is cleaned up while the dialog is still in the page, so the browser can close it properly.
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [dialog]);
}
