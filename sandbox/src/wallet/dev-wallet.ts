/**
 * A wallet for this machine's chain that an unmodified TON Connect finds: injected into pages by a script, and over an HTTP bridge of
 * its own. Its keys stay in the data folder; a person approves on its page. Opened at the first request that needs the chain.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import type { Context } from "hono";
import { COIN_NAME } from "@starai/contracts/coin";
import type { Ton } from "../ton/ton.ts";
import { DEVICE, listEntry, walletInfo } from "./connect-answers.ts";

/** Scripts and styles, the wallet's own first; it shares the rest with the explorer and the simulator. */
const FOLDERS = ["./page", "../ton/page", "../page"].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
const TYPES: Record<string, string> = {
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  html: "text/html",
};
/** The injected script shows the page in a frame of the page that asks. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

export interface DevWalletParts {
  readonly ton: Ton;
  /** Keeps keys and connections, for their owner alone. */
  readonly folder: string;
}

/** All routes under `/wallet`; must be mounted at the root, behind the origin guard. */
export function devWallet({ ton, folder }: DevWalletParts): Hono {
  let opening: Promise<Hono> | null = null;
  const open = () =>
    (opening ??= openRoutes(ton, folder).catch((error: unknown) => {
      opening = null;
      throw error;
    }));
  return new Hono()
    .get("/wallet", (c) => c.redirect("/wallet/"))
    .get("/wallet/", () => send("index.html", (page) => page.replace("{COIN_NAME}", COIN_NAME)))
    .get("/wallet/wallets.json", (c) => c.json([listEntry(originOf(c))]))
    .get("/wallet/inject.js", (c) => send("inject.js", (script) => script.replace('"{ABOUT}"', aboutOf(originOf(c)))))
    .get("/wallet/page/:name{[a-z-]+\\.(?:js|css|svg)}", (c) => send(c.req.param("name")))
    .all("/wallet/*", async (c) => {
      const opened = await open().catch((error: unknown) => String(error instanceof Error ? error.message : error));
      return typeof opened === "string" ? c.json({ error: opened }, 500) : opened.fetch(c.req.raw, c.env);
    });
}

async function openRoutes(ton: Ton, folder: string): Promise<Hono> {
  const opened = await ton.open();
  const { openWallet } = await import("./wallet-routes.ts");
  return openWallet(opened, folder);
}

function aboutOf(origin: string): string {
  return JSON.stringify({ deviceInfo: DEVICE, walletInfo: walletInfo(origin) });
}

function originOf(c: Context): string {
  return new URL(c.req.url).origin;
}

async function send(name: string, filled = (text: string) => text): Promise<Response> {
  for (const folder of FOLDERS) {
    const body = await readFile(path.join(folder, name), "utf8").catch(() => null);
    if (body !== null) return new Response(filled(body), { headers: headersOf(name) });
  }
  return new Response("Not found", { status: 404 });
}

function headersOf(name: string): Record<string, string> {
  return {
    "content-type": `${TYPES[name.slice(name.lastIndexOf(".") + 1)]}; charset=utf-8`,
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  };
}
