/** A Mini App as Telegram opens it: in a sheet over the chat, with the client's own header, buttons and dialogs. */
import { AppBridge } from "./app-bridge.js";
import { byId, icon, make } from "./elements.js";
import { HostButtons } from "./host-buttons.js";
import { ask } from "./host-dialog.js";
import { t } from "./texts.js";

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])$/;
/** The app's sandbox permissions; it cannot navigate the page. Downloads are allowed, as in native clients. */
const RIGHTS = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";
/** Height of the floating buttons over a full-screen app, px. */
const FLOATING_PX = 52;
const COLOUR = /^#[0-9a-f]{6}$/i;
const KEY_COLOURS = { bg_color: "var(--bg)", secondary_bg_color: "var(--bg-2)" };

/**
 * @typedef {object} OpenApp
 * @property {HTMLIFrameElement} frame
 * @property {AppBridge} [bridge]  created last, since it uses all the others
 * @property {HostButtons} buttons
 * @property {HTMLElement} body
 * @property {HTMLElement} close
 * @property {{ url: string, title: string, expanded?: boolean, key?: string }} wish
 * @property {boolean} settings
 * @property {boolean} reloadable
 * @property {boolean} confirm
 * @property {boolean} back
 * @property {"compact" | "expanded" | "full"} [size]
 */

export class Sheet {
  #box = byId("sheet");
  #actions;
  /** @type {HTMLElement | null} */
  #returnTo = null;
  /** @type {OpenApp | null} */
  #app = null;

  /** @param actions  `openTelegramLink(path)`, `openInvoice(slug)`, `sendData(wish, data)`, `toast(words)` */
  constructor(actions) {
    this.#actions = actions;
    this.#box.addEventListener("keydown", (event) => {
      const { target } = event;
      if (event.key === "Escape" && !(target instanceof Element && target.closest("dialog"))) void this.close();
    });
    this.#box.addEventListener("click", (event) => event.target === this.#box && void this.close());
    new ResizeObserver(() => this.#emitViewport()).observe(this.#box);
  }

  /** @param wish  `{ url, title, expanded }`, and `key` with the text of the keyboard button it was opened by */
  open(wish) {
    this.#forget();
    const { activeElement } = document;
    this.#returnTo = activeElement instanceof HTMLElement ? activeElement : null;
    const url = ownAddress(new URL(wish.url));
    const close = make("button", { type: "button", id: "sheet-close", onclick: () => this.#pressClose() }, t("close"));
    const more = make(
      "button",
      {
        type: "button",
        id: "sheet-more",
        class: "icon-button",
        "aria-label": t("appMenu"),
        onclick: () => void this.#menu(),
      },
      icon("more"),
    );
    const head = make("div", { class: "sheet-top" }, close, make("h2", { id: "sheet-title" }, wish.title), more);
    const body = make("div", { class: "sheet-body" }, head);
    this.#box.replaceChildren(body);
    if (LOCAL_HOST.test(url.hostname)) this.#mount({ wish, url, body, close });
    else body.append(outside(url));
    this.#box.hidden = false;
    close.focus();
  }

  get isOpen() {
    return !this.#box.hidden;
  }

  /** Closes the app; asks first if the app has requested it. */
  async close() {
    const app = this.#app;
    if (app?.confirm) {
      const buttons = [
        { id: "close", type: "destructive", text: t("closeAnyway") },
        { id: "stay", type: "cancel" },
      ];
      const answer = await ask(this.#box, { title: this.#title, message: t("closeQuestion"), buttons });
      if (answer !== "close" || this.#app !== app) return;
    }
    this.#forget();
    this.#box.hidden = true;
    this.#box.replaceChildren();
    this.#returnTo?.focus();
  }

  /** Notifies an open app of the new theme. */
  themeChanged() {
    this.#app?.bridge?.emitTheme();
  }

  get #title() {
    return byId("sheet-title").textContent;
  }

  #mount({ wish, url, body, close }) {
    const frame = make("iframe", { src: url.href, title: wish.title, sandbox: RIGHTS, allow: "clipboard-write" });
    const buttons = new HostButtons((name) => this.#app?.bridge?.emit(`${name}_button_pressed`));
    body.append(frame, buttons.element);
    const flags = { settings: false, reloadable: false, confirm: false, back: false };
    /** @type {OpenApp} */
    const app = { frame, buttons, body, close, wish, ...flags };
    this.#app = app;
    app.bridge = new AppBridge(frame, this.#client(app));
    this.#setSize(wish.expanded === false ? "compact" : "expanded");
  }

  /**
   * The client's actions for the app's bridge.
   * @param {OpenApp} app
   */
  #client(app) {
    return {
      ready: () => void (app.body.dataset.ready = "yes"),
      close: () => this.dismiss(),
      emitViewport: () => this.#emitViewport(),
      emitSafeAreas: () => app.bridge?.emitSafeAreas(app.size === "full" ? FLOATING_PX : 0),
      setSize: (size) => this.#setSize(size),
      setReloadable: (reloadable) => void (app.reloadable = reloadable),
      setBack: (visible) => this.#setBack(visible),
      setSettings: (visible) => void (app.settings = visible),
      setConfirmation: (needed) => void (app.confirm = needed),
      setButton: (name, change) => app.buttons.set(name, change),
      setColour: (part, colour) => paint(app.body, `--sheet-${part}`, colour),
      ask: (question) => ask(this.#box, question),
      missing: () => this.#actions.toast(t("notHere")),
      openLink: (link) => void (/^https?:/.test(link) && open(link, "_blank", "noopener")),
      openInvoice: (slug) => this.#actions.openInvoice(slug),
      openTelegramLink: (path) => this.#actions.openTelegramLink(path),
      sendData: (data) => this.#sendData(app, data),
      readClipboard: () => navigator.clipboard.readText().catch(() => null),
      download: (file) => this.#download(file),
    };
  }

  /** Closes without asking, when the app closes itself or another person is chosen. */
  dismiss() {
    if (this.#app) this.#app.confirm = false;
    void this.close();
  }

  #pressClose() {
    if (this.#app?.back) this.#app.bridge?.emit("back_button_pressed");
    else void this.close();
  }

  #setBack(visible) {
    if (!this.#app) return;
    this.#app.back = visible;
    this.#app.close.textContent = t(visible ? "back" : "close");
  }

  #setSize(size) {
    const app = this.#app;
    if (!app) return;
    const wasFull = app.size === "full";
    app.size = size;
    app.body.dataset.size = size;
    if (wasFull !== (size === "full")) {
      app.bridge?.emit("fullscreen_changed", { is_fullscreen: size === "full" });
      app.bridge?.emitSafeAreas(size === "full" ? FLOATING_PX : 0);
    }
    this.#emitViewport();
  }

  #emitViewport() {
    this.#app?.bridge?.emitViewport(this.#app.size !== "compact");
  }

  async #menu() {
    const app = this.#app;
    const settings = app?.settings ? [{ id: "settings", text: t("appSettings") }] : [];
    const reload = app ? [{ id: "reload", text: t("reloadApp") }] : [];
    const chosen = await ask(this.#box, {
      title: this.#title,
      buttons: [...settings, ...reload, { id: "close", type: "close" }],
    });
    if (chosen === "close") await this.close();
    if (app !== this.#app || !app) return;
    if (chosen === "settings") app.bridge?.emit("settings_button_pressed");
    if (chosen === "reload") this.#reload(app);
  }

  /** @param {OpenApp} app */
  #reload(app) {
    if (app.reloadable) app.bridge?.emit("reload_iframe");
    else app.frame.src = app.frame.getAttribute("src") ?? "";
  }

  /** Sends the app's data to the chat and closes it. Only an app opened by a keyboard button may do so, once. */
  #sendData(app, data) {
    if (app.wish.key === undefined) return;
    this.#actions.sendData(app.wish, data);
    this.dismiss();
  }

  async #download({ url, file_name: name }) {
    const link = ownAddress(new URL(String(url), this.#app?.frame.src));
    if (!/^https?:$/.test(link.protocol)) return false;
    const buttons = [
      { id: "yes", text: t("download") },
      { id: "no", type: "cancel" },
    ];
    const answer = await ask(this.#box, { title: String(name), message: t("downloadQuestion"), buttons });
    if (answer !== "yes") return false;
    make("a", { href: link.href, download: String(name), target: "_blank", rel: "noopener" }).click();
    return true;
  }

  #forget() {
    this.#app?.bridge?.end();
    this.#app = null;
  }
}

/** Replaces a local host name by the page's own, since a browser treats each name of this machine as another site. */
function ownAddress(url) {
  if (LOCAL_HOST.test(url.hostname) && url.port === location.port) url.hostname = location.hostname;
  return url;
}

function paint(body, property, colour) {
  if (typeof colour !== "string") return;
  if (COLOUR.test(colour)) body.style.setProperty(property, colour);
  else if (Object.hasOwn(KEY_COLOURS, colour)) body.style.setProperty(property, KEY_COLOURS[colour]);
}

function outside(url) {
  return make(
    "p",
    { class: "sheet-outside" },
    t("openOutside"),
    make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, url.origin + url.pathname),
  );
}
