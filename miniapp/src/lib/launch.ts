/**
 * What Telegram put into the app's address. Only the signed part decides who may come in; a colour nobody can read or a
 * version that is missing costs its own part and nothing else.
 */
import { rgbOf } from "./colour.ts";
import type { KeptText } from "./storage.ts";

export interface Launch {
  /** Signed launch data as it came; null outside Telegram. */
  initData: string | null;
  /** Telegram's number of the person, not yet proven; empty outside Telegram. */
  person: string;
  startParam: string | null;
  language: string | undefined;
  /** The address's part in the form the client library reads; null outside Telegram. */
  hash: string | null;
}

const KEPT = "starai.launch";
/** What Telegram's clients put there is a few thousand characters. */
const HASH_CHARS_MAX = 20_000;

/**
 * @param hash     the page's, `#` included; after a reload the app's own path stands there
 * @param storage  keeps the launch for such a reload, for as long as the tab lives
 */
export function readLaunch(hash: string, storage: KeptText): Launch {
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
    startParam: params.get("tgWebAppStartParam") ?? signed.get("start_param"),
    language: typeof user.language_code === "string" ? user.language_code : undefined,
    hash: initData === null ? null : readable(params).toString(),
  };
}

/** The same with what the library would stumble over left out or put in. */
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
