/** Serves the built Mini App under /app/: files with a hash in their name are immutable, its page is revalidated. */
import fs from "node:fs";
import path from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";

/**
 * Only our own scripts run; inline styles are allowed, for charts and formulas. Pictures from elsewhere are
 * allowed because the app loads one only after a tap on it. Telegram's web clients show the app in a frame.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self' https://web.telegram.org https://*.telegram.org https://t.me",
].join("; ");
const FOR_EVER = "public, max-age=31536000, immutable";

export function miniappRoutes(ctx: AppContext) {
  return new Hono()
    .get("/app", (c) => c.redirect("/app/"))
    .use("/app/*", headers, compress())
    .get("/app/*", files(ctx.config.miniappFolder));
}

const headers: MiddlewareHandler = async (c, next) => {
  c.header("content-security-policy", POLICY);
  c.header("x-content-type-options", "nosniff");
  c.header("referrer-policy", "no-referrer");
  // Shared chats are not for search engines.
  if (c.req.path === "/app/shared.html") c.header("x-robots-tag", "noindex");
  await next();
  // Caches only existing files: a missing one may exist in the next build.
  if (c.res.ok) c.header("cache-control", c.req.path.startsWith("/app/assets/") ? FOR_EVER : "no-cache");
};

/** Reads the build per request: it may be made after the server started. */
function files(root: string): MiddlewareHandler {
  const built = path.join(root, "index.html");
  let serve: MiddlewareHandler | null = null;
  return (c, next) => {
    if (!fs.existsSync(built))
      throw new Refusal("not_configured", "The Mini App is not built yet: run `npm run build`, then reload.");
    serve ??= serveStatic({ root, rewriteRequestPath: (url) => url.replace(/^\/app/, "") });
    return serve(c, next);
  };
}
