/** t.me links that act inside the client: a start of the bot with a parameter, its Mini App, an invoice, text to share. */

const HOSTS = /^(t\.me|telegram\.me|telegram\.dog)$/;

/** The link's path as in `web_app_open_tg_link`, e.g. `/starai_bot?start=x`; `null` for any other address. */
export function telegramPath(href) {
  const url = URL.canParse(href) ? new URL(href) : null;
  return url && HOSTS.test(url.hostname) ? url.pathname + url.search : null;
}

/**
 * Interprets a path for the client of a chat with `username`:
 * `{ kind: "start", parameter }`, `{ kind: "app", startParam, compact }`, `{ kind: "invoice", slug }`, `{ kind: "share", text }`
 * or `{ kind: "elsewhere" }`.
 */
export function readTelegramPath(path, username) {
  const url = new URL(path, "https://t.me");
  const [name = "", app] = url.pathname.split("/").filter(Boolean);
  const ask = url.searchParams;
  if (name.startsWith("$")) return { kind: "invoice", slug: name.slice(1) };
  if (name === "invoice" && app !== undefined) return { kind: "invoice", slug: app };
  if (name === "share" && app === "url") {
    const text = [ask.get("url"), ask.get("text")].filter(Boolean).join("\n");
    return { kind: "share", text };
  }
  if (name.toLowerCase() !== username.toLowerCase()) return { kind: "elsewhere" };
  if (app !== undefined || ask.has("startapp"))
    return { kind: "app", startParam: ask.get("startapp") || null, compact: ask.get("mode") === "compact" };
  return { kind: "start", parameter: ask.get("start") ?? "" };
}
