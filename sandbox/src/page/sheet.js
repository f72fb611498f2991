/** A Mini App opening as Telegram opens it: a sheet with a frame, answering what apps ask of their client. */
import { byId, make } from "./elements.js";
import { themeParams } from "./preferences.js";
import { t } from "./texts.js";

const HERE = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export class Sheet {
  #box = byId("sheet");
  #frame = null;
  #origin = "";
  #returnTo = null;

  constructor() {
    addEventListener("message", (event) => this.#onMessage(event));
    this.#box.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#box.addEventListener("click", (event) => event.target === this.#box && this.close());
  }

  open(url, title) {
    this.#returnTo = document.activeElement;
    this.#origin = new URL(url).origin;
    const here = HERE.test(new URL(url).hostname);
    this.#frame = here
      ? make("iframe", {
          src: url,
          title,
          sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-modals",
          allow: "clipboard-write",
        })
      : null;
    const close = make("button", { type: "button", onclick: () => this.close() }, t("close"));
    const back = make(
      "button",
      { type: "button", id: "sheet-back", hidden: true, onclick: () => this.#tell("back_button_pressed") },
      t("back"),
    );
    const top = make(
      "div",
      { class: "sheet-top" },
      make("div", {}, close, back),
      make("h2", { id: "sheet-title" }, title),
      make("span"),
    );
    this.#box.replaceChildren(make("div", { class: "sheet-body" }, top, this.#frame ?? outside(url)));
    this.#box.hidden = false;
    close.focus();
  }

  close() {
    this.#box.hidden = true;
    this.#box.replaceChildren();
    this.#frame = null;
    this.#returnTo?.focus?.();
  }

  /** Tells an open app that the theme is another now. */
  themeChanged() {
    this.#tell("theme_changed", { theme_params: themeParams() });
  }

  #onMessage(event) {
    if (!this.#frame || event.source !== this.#frame.contentWindow) return;
    const { eventType, eventData } = parse(event.data);
    const data = parse(eventData);
    switch (eventType) {
      case "web_app_close":
        return this.close();
      case "web_app_request_theme":
        return this.themeChanged();
      case "web_app_expand":
      case "web_app_request_viewport":
        return this.#tell("viewport_changed", {
          height: this.#frame.clientHeight,
          width: this.#frame.clientWidth,
          is_expanded: true,
          is_state_stable: true,
        });
      case "web_app_request_safe_area":
        return this.#tell("safe_area_changed", { top: 0, bottom: 0, left: 0, right: 0 });
      case "web_app_request_content_safe_area":
        return this.#tell("content_safe_area_changed", { top: 0, bottom: 0, left: 0, right: 0 });
      case "web_app_setup_back_button":
        byId("sheet-back").hidden = !data.is_visible;
        return undefined;
      case "web_app_open_link":
        return void (/^https?:/.test(String(data.url)) && open(data.url, "_blank", "noopener"));
      default:
        return undefined;
    }
  }

  #tell(eventType, eventData = {}) {
    this.#frame?.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), this.#origin);
  }
}

function outside(url) {
  const address = new URL(url);
  return make(
    "p",
    { class: "sheet-outside" },
    t("openOutside"),
    make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, address.origin + address.pathname),
  );
}

function parse(value) {
  if (typeof value !== "string") return value ?? {};
  try {
    return JSON.parse(value) ?? {};
  } catch {
    return {};
  }
}
