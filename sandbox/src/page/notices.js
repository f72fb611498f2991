/** The page's own messages: the notice above the chat, toasts, and a modal alert. */
import { byId, make, within } from "./elements.js";

const TOAST_MS = 3_500;

/** Shows the notice above the chat. `done` is progress from 0 to 1. */
export function notify(words, bad, done) {
  const box = byId("notice");
  box.hidden = false;
  box.classList.toggle("bad", Boolean(bad));
  const progress = done === undefined || done === null ? null : make("progress", { max: "1", value: String(done) });
  box.replaceChildren(words, ...(progress ? [progress] : []));
}

let toastTimer;
export function toast(words) {
  const box = byId("toast");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), TOAST_MS);
}

export function showAlert(words) {
  const dialog = byId("alert", HTMLDialogElement);
  within(dialog, "p").textContent = words;
  dialog.showModal();
}
