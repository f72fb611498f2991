/**
 * The only module that uses Telegram's client: launch data, theme, buttons, links. Everything else uses this object, whose
 * methods do nothing where the client lacks a feature or there is no client.
 */
import {
  backButton,
  closingBehavior,
  hapticFeedback,
  init,
  invoice,
  mainButton,
  miniApp,
  openLink,
  openTelegramLink,
  retrieveAndroidDeviceData,
  setTargetOrigin,
  shareURL,
  swipeBehavior,
  themeParams,
  viewport,
} from "@tma.js/sdk-react";
import { contrast, rgbOf } from "./colour.ts";
import { readLaunch } from "./launch.ts";
import { readableTheme } from "./readable-theme.ts";
import type { KeptText } from "./storage.ts";

export interface MainButton {
  text: string;
  onClick: () => void;
  enabled?: boolean;
  busy?: boolean;
}

const INVOICE_STATUSES = ["paid", "pending", "cancelled", "failed"] as const;
/** How Telegram's payment sheet was left; `pending`: the payment is still being made. */
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

export interface Telegram {
  /** Signed launch data; null outside Telegram. */
  initData: string | null;
  /** The person's Telegram id, not verified yet, for keys of the device's storage; empty outside Telegram. */
  person: string;
  /** The start parameter of the link that opened the app, e.g. `t_<thread>`. */
  startParam: string | null;
  /** The person's language in Telegram, an IETF tag. */
  language: string | undefined;
  /** Whether the client shows its own back button. */
  hasBackButton: boolean;
  /** Tells Telegram that the app is painted, so that it removes its placeholder. */
  ready: () => void;
  close: () => void;
  /** Shows the client's back button until the returned function is called. */
  onBack: (listener: () => void) => () => void;
  /** Shows the client's main button until the returned function is called. */
  showMainButton: (button: MainButton) => () => void;
  haptic: (kind: "tap" | "choice" | "done" | "failed") => void;
  /** Makes the client ask before closing the app, until the returned function is called. */
  confirmClosing: () => () => void;
  /** Keeps a drag down the page from closing the app, until the returned function is called. */
  holdVerticalSwipes: () => () => void;
  /** Opens any link the way the client wants it: Telegram's own inside, everything else in a browser. */
  open: (url: string) => void;
  /** Lets the person choose a chat to send this text to; returns false where the client cannot. */
  share: (text: string) => boolean;
  /** Opens the payment sheet for an invoice's link until the person leaves it; null where the client has none. */
  openInvoice: (link: string) => Promise<InvoiceStatus> | null;
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
/** A share link has its text in its address, of which servers accept about 8 KB: 2,000 letters in any script. */
const SHARED_CHARS_MAX = 2_000;
const TELEGRAM_LINK = /^https:\/\/(t\.me|telegram\.me)\//i;

/**
 * Reads the launch and joins the client; outside Telegram the object works and `initData` is null.
 * @param storage  the storage of the tab
 */
export function openTelegram(storage: KeptText): Telegram {
  const { hash, ...launch } = readLaunch(location, storage);
  // The client library reads the address by itself.
  if (hash !== null && !location.hash.startsWith("#/")) history.replaceState(history.state, "", `#${hash}`);
  const inside = hash !== null && attempt(joinClient) === true;
  return {
    ...launch,
    hasBackButton: inside && attempt(() => backButton.show.isAvailable()) === true,
    ready: () => (inside ? void attempt(() => miniApp.ready.ifAvailable()) : sendReady()),
    close: () => void attempt(() => miniApp.close.ifAvailable()),
    onBack,
    showMainButton,
    haptic,
    confirmClosing: () =>
      between(
        () => closingBehavior.enableConfirmation.ifAvailable(),
        () => closingBehavior.disableConfirmation.ifAvailable(),
      ),
    holdVerticalSwipes: () =>
      between(
        () => swipeBehavior.disableVertical.ifAvailable(),
        () => swipeBehavior.enableVertical.ifAvailable(),
      ),
    open: (url) => openAny(url, inside),
    openInvoice: (link) => (inside ? openInvoice(link) : null),
    share: (text) => inside && attempt(() => shareURL(text.slice(0, SHARED_CHARS_MAX)) ?? true) !== undefined,
  };
}

/** Runs an action that the client may not support; a failure returns undefined, so that it cannot break the app. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Sends the ready event by hand where the library cannot start, as without storage: Telegram waits for it. */
function sendReady(): void {
  attempt(() => (window as TelegramWindow).TelegramWebviewProxy?.postEvent("web_app_ready", ""));
  if (window.parent === window) return;
  const word = JSON.stringify({ eventType: "web_app_ready" });
  attempt(() => window.parent.postMessage(word, isLoopback() ? location.origin : "https://web.telegram.org"));
}

/** The object that Telegram's own apps add to the window. */
type TelegramWindow = Window & { TelegramWebviewProxy?: { postEvent: (name: string, json: string) => void } };

function isLoopback(): boolean {
  return LOOPBACK.test(location.hostname);
}

function joinClient(): true {
  // The simulator's page is served from our own origin, on this machine; the SDK otherwise talks to web.telegram.org only.
  if (window.parent !== window && isLoopback()) setTargetOrigin(location.origin);
  // Styles a client injects would need a wider content security policy.
  init({ acceptCustomStyles: false });
  attempt(() => themeParams.mount());
  attempt(() => miniApp.mount());
  attempt(() => backButton.mount());
  attempt(() => mainButton.mount());
  attempt(() => closingBehavior.mount());
  attempt(() => swipeBehavior.mount());
  applyTheme();
  themeParams.state.sub(applyTheme);
  attempt(() => viewport.expand());
  void viewport.mount().then(
    () => attempt(() => viewport.bindCssVars()),
    // A client that does not report its insets has none to keep clear of.
    () => undefined,
  );
  if (attempt(() => retrieveAndroidDeviceData())?.performanceClass === "LOW")
    document.documentElement.dataset.motion = "none";
  return true;
}

function applyTheme(): void {
  const root = document.documentElement;
  const theme = readableTheme({ ...themeParams.state() });
  for (const [name, colour] of Object.entries(theme))
    root.style.setProperty(`--tg-theme-${name.replaceAll("_", "-")}`, colour);
  const ground = rgbOf(theme.bg_color ?? "");
  if (!ground) return;
  root.dataset.theme = contrast(ground, [255, 255, 255]) > contrast(ground, [0, 0, 0]) ? "dark" : "light";
  attempt(() => miniApp.setHeaderColor.ifAvailable("secondary_bg_color"));
  attempt(() => miniApp.setBgColor.ifAvailable("secondary_bg_color"));
}

function between(begin: () => unknown, end: () => unknown): () => void {
  attempt(begin);
  return () => void attempt(end);
}

function onBack(listener: () => void): () => void {
  return between(
    () => {
      backButton.onClick(listener);
      backButton.show();
    },
    () => {
      backButton.offClick(listener);
      backButton.hide();
    },
  );
}

function showMainButton({ text, onClick, enabled = true, busy = false }: MainButton): () => void {
  return between(
    () => {
      mainButton.onClick(onClick);
      mainButton.setParams({ text, isVisible: true, isEnabled: enabled, isLoaderVisible: busy });
    },
    () => {
      mainButton.offClick(onClick);
      mainButton.setParams({ isVisible: false });
    },
  );
}

function haptic(kind: "tap" | "choice" | "done" | "failed"): void {
  attempt(() => {
    if (kind === "tap") hapticFeedback.impactOccurred.ifAvailable("light");
    else if (kind === "choice") hapticFeedback.selectionChanged.ifAvailable();
    else hapticFeedback.notificationOccurred.ifAvailable(kind === "done" ? "success" : "error");
  });
}

function openInvoice(link: string): Promise<InvoiceStatus> | null {
  const sheet = attempt(() => (invoice.openUrl.isAvailable() ? invoice.openUrl(link) : null)) ?? null;
  if (sheet === null) return null;
  // A sheet that breaks off, or says an unknown word, says nothing of the payment: it may have been made.
  return sheet.then(
    (status) => INVOICE_STATUSES.find((known) => known === status) ?? "pending",
    () => "pending",
  );
}

function openAny(url: string, inside: boolean): void {
  if (!/^(https?:|mailto:|tel:)/i.test(url)) return;
  if (inside && TELEGRAM_LINK.test(url)) attempt(() => openTelegramLink(url));
  else if (inside && /^https?:/i.test(url)) attempt(() => openLink(url));
  else window.open(url, "_blank", "noopener,noreferrer");
}
