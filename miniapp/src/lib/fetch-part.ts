/**
 * Fetches a part of the app that is loaded late. A part may be missing because the network is away, because the server
 * failed for a moment, or because a newer version replaced it; and browsers remember a module or a stylesheet that
 * failed. So it is asked for again under another address, and where only a new start of the page can help, the page is
 * started anew: once, by itself. Tried in Chromium; that Firefox and WebKit keep a failed module for the life of the page
 * is taken from the HTML standard and was not tried here.
 */
import { pause } from "@starai/protocol/pause";
import { openStorage } from "./storage.ts";

/** Long enough for a restarting server's blink, short enough to be waited for. */
const AGAIN_MS = 600;
const RELOADED = "starai.reloaded";

export class PartMissing extends Error {
  override readonly name = "PartMissing";
  /** Whether a newer version of the app is there, which only opening it anew can bring. */
  readonly replaced: boolean;

  constructor(cause: unknown, { replaced = false }: { replaced?: boolean } = {}) {
    super("a part of the app could not be loaded", { cause });
    this.replaced = replaced;
  }
}

/** @throws PartMissing */
export async function fetchPart<Module>(load: () => Promise<Module>): Promise<Module> {
  const first = await load().catch((error: unknown) => new PartMissing(error));
  if (!(first instanceof PartMissing)) return first;
  if (navigator.onLine) await pause(AGAIN_MS);
  const address = fileIn(first.cause);
  try {
    await mendStyles();
    if (address?.endsWith(".js") === true) return (await import(/* @vite-ignore */ anew(address))) as Module;
    return await load();
  } catch (error) {
    const remedy = navigator.onLine ? await remedyOf(address) : "wait";
    if (remedy === "reload" && mayReload()) {
      location.reload();
      // Nothing is drawn any more: the skeleton stays until the page goes.
      return new Promise(() => undefined);
    }
    throw new PartMissing(error, { replaced: remedy === "reload" });
  }
}

/** The address of the module or the stylesheet that failed. WebKit does not name modules; then this is null. */
function fileIn(error: unknown): string | null {
  return /https?:\S+\.(?:js|css)/.exec(error instanceof Error ? error.message : "")?.[0] ?? null;
}

/** Another address of the same file. */
function anew(address: string): string {
  return `${address.replace(/\?.*$/, "")}?again=${Date.now()}`;
}

/** A stylesheet that failed stays in the page as a link without a sheet, and is never asked for again. */
async function mendStyles(): Promise<void> {
  const failed = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].filter(
    ({ sheet }) => sheet === null,
  );
  await Promise.all(
    failed.map(
      (link) =>
        new Promise<void>((resolve, reject) => {
          const fresh = document.createElement("link");
          fresh.rel = "stylesheet";
          fresh.href = anew(link.href);
          fresh.addEventListener("load", () => resolve());
          fresh.addEventListener("error", () => {
            fresh.remove();
            reject(new Error(`no stylesheet ${link.href}`));
          });
          link.after(fresh);
          fresh.addEventListener("load", () => link.remove());
        }),
    ),
  );
}

/** A new start helps where the server has another version now, or has the part that the browser believes to be missing. */
async function remedyOf(address: string | null): Promise<"reload" | "wait"> {
  try {
    const page = await fetch(location.pathname, { cache: "no-store" });
    if (!page.ok) return "wait";
    const now = await page.text();
    const ours = [...document.querySelectorAll<HTMLScriptElement>('script[type="module"][src]')];
    const replaced = ours.some(({ src }) => !now.includes(src.split("/").at(-1) ?? ""));
    if (replaced || address === null) return "reload";
    const part = await fetch(address, { cache: "no-store" });
    return part.ok && /javascript|css/.test(part.headers.get("content-type") ?? "") ? "reload" : "wait";
  } catch {
    return "wait";
  }
}

/** Once in this time, and never where the launch would not survive it. */
const BETWEEN_RELOADS_MS = 60_000;

function mayReload(): boolean {
  const storage = openStorage("sessionStorage");
  if (!storage.lasts() || Date.now() - Number(storage.getItem(RELOADED) ?? 0) < BETWEEN_RELOADS_MS) return false;
  storage.setItem(RELOADED, String(Date.now()));
  return true;
}
