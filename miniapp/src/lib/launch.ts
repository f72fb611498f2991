/**
 * The launch data in the app's address. Only the signed part decides who is let in; an invalid colour or a missing version
 * is left out or replaced, and the rest is used.
 */
import { rgbOf } from "./colour.ts";
import type { KeptText } from "./storage.ts";

export interface Launch {
  /** Signed launch data, unchanged; null outside Telegram. */
  initData: string | null;
  /** The person's Telegram id, not verified yet; empty outside Telegram. */
  person: string;
  startParam: string | null;
  language: string | undefined;
  /** The launch parameters in the form the client library reads; null outside Telegram. */
  hash: string | null;
}

const KEPT = "starai.launch";
/** Longer data is cut off; Telegram's clients write a few thousand characters. */
const HASH_CHARS_MAX = 20_000;

/**
 * @param address  the page's: its `hash`, after a reload the app's own path; its `search`, where a link or a message's
 *   button puts the start parameter, which only a link's launch data has as well
 * @param storage  keeps the launch for such a reload, until the tab is closed
 */
export function readLaunch({ hash, search }: Pick<Location, "hash" | "search">, storage: KeptText): Launch {
  const fresh = hash.includes("tgWebApp");
  const text = fresh ? hash.replace(/^#\/?\??/, "") : (storage.getItem(KEPT) ?? "");
  const params = new URLSearchParams(text.slice(0, HASH_CHARS_MAX));
  if (fresh) storage.setItem(KEPT, params.toString());
  const initData = params.get("tgWebAppData") || null;
  const signed = new URLSearchParams(initData ?? "");
  const user = objectIn(signed.get("user"));
  return {
    initData,
    person: typeof user.id === "number" || typeof user.id === "string" ? String(user.id) : "",
    startParam:
      params.get("tgWebAppStartParam") ??
      signed.get("start_param") ??
      new URLSearchParams(search).get("tgWebAppStartParam"),
    language: typeof user.language_code === "string" ? user.language_code : undefined,
    hash: initData === null ? null : readable(params).toString(),
  };
}

/** The parameters without values that the library would reject, and with the ones it requires. */
function readable(params: URLSearchParams): URLSearchParams {
  const clean = new URLSearchParams(params);
  if (!/^\d+(\.\d+)*$/.test(clean.get("tgWebAppVersion") ?? "")) clean.set("tgWebAppVersion", "6.0");
  if (!clean.get("tgWebAppPlatform")) clean.set("tgWebAppPlatform", "unknown");
  for (const name of ["tgWebAppThemeParams", "tgWebAppDefaultColors"])
    if (clean.has(name)) clean.set(name, JSON.stringify(coloursIn(clean.get(name))));
  return clean;
}

function coloursIn(json: string | null): Record<string, string> {
  const colours = Object.entries(objectIn(json)).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" && (rgbOf(entry[1]) !== null || /^#[\da-f]{8}$/i.test(entry[1])),
  );
  return Object.fromEntries(colours);
}

function objectIn(json: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
