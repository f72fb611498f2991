/**
 * Serves the built Mini App under /app/: files with a hash in their name are immutable, its page is revalidated. And the
 * manifest by which wallets know it.
 */
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
 * Where there is a chain the page also talks to wallets: each names a bridge of its own, in a list that others keep.
 */
const policyOf = ({ hasChain, isFramed }: { hasChain: boolean; isFramed: boolean }) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https:",
    `connect-src 'self'${hasChain ? " https:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${isFramed ? "'self' https://web.telegram.org https://*.telegram.org https://t.me" : "'none'"}`,
  ].join("; ");
/** The page where a wallet pays, which is outside Telegram: nobody may put it into a frame. */
const PAY_PAGE = "/app/pay.html";
const FOR_EVER = "public, max-age=31536000, immutable";

export function miniappRoutes(ctx: AppContext) {
  return new Hono()
    .get("/app", (c) => c.redirect("/app/"))
    .get("/pay", (c) => c.redirect(PAY_PAGE))
    .get("/tonconnect-manifest.json", (c) => {
      // Wallets fetch it from pages of their own.
      c.header("access-control-allow-origin", "*");
      return c.json(manifestOf(ctx.config.http.publicOrigin ?? new URL(c.req.url).origin), 200);
    })
    .use("/app/*", headers(ctx), compress())
    .get("/app/*", files(ctx.config.miniappFolder));
}

/** What a wallet shows of us. A proof that it signs is for the host of `url`. */
function manifestOf(origin: string) {
  const page = (path: string) => new URL(path, origin).href;
  return {
    url: origin,
    name: "StarAI",
    iconUrl: page("/app/icon.png"),
    termsOfUseUrl: page("/app/#/terms"),
    privacyPolicyUrl: page("/app/#/privacy"),
  };
}

const headers =
  (ctx: AppContext): MiddlewareHandler =>
  async (c, next) => {
    c.header(
      "content-security-policy",
      policyOf({ hasChain: ctx.ton.chain !== null, isFramed: c.req.path !== PAY_PAGE }),
    );
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    // Shared chats and payments are not for search engines.
    if (c.req.path === "/app/shared.html" || c.req.path === PAY_PAGE) c.header("x-robots-tag", "noindex");
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
