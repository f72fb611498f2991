/** Puts the dev wallet's script into the Mini App's pages, as a browser extension does. The app itself knows nothing of it. */
import type { MiddlewareHandler } from "hono";

const PAGES = new Set(["/app/", "/app/index.html", "/app/pay.html"]);
const SCRIPT = '<script src="/wallet/inject.js"></script>';

export function injectWallet(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.req.method !== "GET" || !PAGES.has(c.req.path) || !c.res.ok || !c.res.body) return;
    const headers = new Headers(c.res.headers);
    const encoding = headers.get("content-encoding") as CompressionFormat | null;
    const plain = encoding ? c.res.body.pipeThrough(new DecompressionStream(encoding)) : c.res.body;
    const html = await new Response(plain).text();
    for (const name of ["content-encoding", "content-length", "etag"]) headers.delete(name);
    const { status } = c.res;
    // Before the app's own scripts, which look for wallets.
    // Setting it keeps the old headers unless it was cleared.
    c.res = undefined;
    c.res = new Response(html.replace("<head>", `<head>${SCRIPT}`), { status, headers });
  };
}
