/**
 * Loads a part of the app that is not in the first chunk. Loading may fail because the network is down, because the server
 * failed for a moment, or because a newer version replaced the part; and browsers cache a module or a stylesheet that
 * failed. So the part is requested again under another address, and where only a reload of the page can help, the page is
 * reloaded, once. Tested in Chromium; that Firefox and WebKit keep a failed module until the page is closed is taken from
 * the HTML standard and was not tested here.
 */
import { pause } from "@starai/protocol/pause";
import { openStorage } from "./storage.ts";

/** Long enough for a short outage of a restarting server, short enough to wait for. */
const RETRY_AFTER_MS = 600;
const RELOADED = "starai.reloaded";

export class PartMissing extends Error {
  override readonly name = "PartMissing";
  /** Whether the server has a newer version of the app, which needs a reload. */
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
  if (navigator.onLine) await pause(RETRY_AFTER_MS);
  const address = fileIn(first.cause);
  try {
    await reloadFailedStyles();
    if (address?.endsWith(".js") === true) return (await import(/* @vite-ignore */ cacheBusted(address))) as Module;
    return await load();
  } catch (error) {
    const remedy = navigator.onLine ? await chooseRemedy(address) : "wait";
    if (remedy === "reload" && mayReload()) {
      location.reload();
      // Never resolves, so that the skeleton stays until the page is reloaded.
      return new Promise(() => undefined);
    }
    throw new PartMissing(error, { replaced: remedy === "reload" });
  }
}

/** The address of the failed module or stylesheet; null when the error does not contain it, as for modules in WebKit. */
function fileIn(error: unknown): string | null {
  return /https?:\S+\.(?:js|css)/.exec(error instanceof Error ? error.message : "")?.[0] ?? null;
}

/** Another address of the same file, which is not in the browser's cache. */
function cacheBusted(address: string): string {
  return `${address.replace(/\?.*$/, "")}?again=${Date.now()}`;
}

/** Reloads failed stylesheets, which otherwise stay in the page as links without a sheet. */
async function reloadFailedStyles(): Promise<void> {
  const failed = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].filter(
    ({ sheet }) => sheet === null,
  );
  await Promise.all(
    failed.map(
      (link) =>
        new Promise<void>((resolve, reject) => {
          const fresh = document.createElement("link");
          fresh.rel = "stylesheet";
          fresh.href = cacheBusted(link.href);
          fresh.addEventListener("load", () => resolve());
          fresh.addEventListener("error", () => {
            fresh.remove();
            reject(new Error(`could not load the stylesheet ${link.href}`));
          });
          link.after(fresh);
          fresh.addEventListener("load", () => link.remove());
        }),
    ),
  );
}

/** A reload helps when the server has another version now, or has the part that the browser caches as missing. */
async function chooseRemedy(address: string | null): Promise<"reload" | "wait"> {
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

/** At most one reload in this time, and none where the launch data would be lost with it. */
const BETWEEN_RELOADS_MS = 60_000;

function mayReload(): boolean {
  const storage = openStorage("sessionStorage");
  if (!storage.lasts() || Date.now() - Number(storage.getItem(RELOADED) ?? 0) < BETWEEN_RELOADS_MS) return false;
  storage.setItem(RELOADED, String(Date.now()));
  return true;
}
