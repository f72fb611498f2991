/** A dialog of the client over an open app: the app's popup, the menu, or "close anyway?". */
import { make } from "./elements.js";
import { t } from "./texts.js";

const BUTTONS_MAX = 3;
const WORDS = { ok: "OK", close: t, cancel: t };

/**
 * Shows the dialog and resolves to the pressed button's id, or to `null` when Escape or a click outside closes it.
 * @param {HTMLElement} box
 * @param {{ title?: unknown, message?: unknown, buttons?: { id?: unknown, type?: unknown, text?: unknown }[] }} question
 *   as in `web_app_open_popup`
 * @returns {Promise<string | null>}
 */
export function ask(box, { title, message, buttons }) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { class: "host-dialog", "aria-label": text(title) || text(message, 256) });
    const offered =
      Array.isArray(buttons) && buttons.length > 0 ? buttons.slice(0, BUTTONS_MAX) : [{ id: "", type: "close" }];
    const press = (id) => {
      dialog.returnValue = "pressed";
      dialog.close();
      resolve(id);
    };
    if (text(title)) dialog.append(make("h2", {}, text(title)));
    if (text(message, 256)) dialog.append(make("p", {}, text(message, 256)));
    dialog.append(
      make(
        "div",
        { class: "host-dialog-buttons" },
        ...offered.map((button) =>
          make(
            "button",
            {
              type: "button",
              class: button.type === "destructive" ? "plain destructive" : "plain",
              onclick: () => press(text(button.id)),
            },
            wordsOf(button),
          ),
        ),
      ),
    );
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    box.append(dialog);
    dialog.showModal();
  });
}

/** @param {{ type?: unknown, text?: unknown }} button */
function wordsOf({ type, text: words }) {
  const key = text(type);
  const known = Object.hasOwn(WORDS, key) ? WORDS[key] : null;
  return known === null ? text(words) || "OK" : known === t ? t(key) : known;
}

function text(value, max = 64) {
  return typeof value === "string" ? value.slice(0, max) : "";
}
