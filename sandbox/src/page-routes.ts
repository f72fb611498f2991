/** Serves the chat page and its files, all from this machine; its Content Security Policy allows nothing else. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import type { Context } from "hono";

const FOLDER = fileURLToPath(new URL("./page", import.meta.url));
/** The page's libraries by file name, with the browser module inside their package. */
const VENDOR: Record<string, { package: string; file: string }> = {
  "marked.js": { package: "marked", file: "lib/marked.esm.js" },
  "purify.js": { package: "dompurify", file: "dist/purify.es.mjs" },
};
const TYPES: Record<string, string> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
};
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  // Mini Apps served from this machine; others open in their own tab.
  "frame-src 'self' http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function pageRoutes(): Hono {
  return new Hono()
    .get("/", (c) => send(c, `${FOLDER}/index.html`))
    .get("/page/vendor/:name", (c) => {
      const library = VENDOR[c.req.param("name")];
      return library ? send(c, packageFile(library)) : c.notFound();
    })
    .get("/page/:name{[a-z-]+\\.(?:js|css|svg)}", (c) => send(c, `${FOLDER}/${c.req.param("name")}`));
}

async function send(c: Context, file: string): Promise<Response> {
  const body = await readFile(file).catch(() => null);
  if (!body) return c.notFound();
  return c.body(new Uint8Array(body), 200, {
    "content-type": TYPES[file.split(".").at(-1)?.replace("mjs", "js") ?? ""] ?? "application/octet-stream",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
  });
}

function packageFile({ package: name, file }: { package: string; file: string }): string {
  // Located by the main module, because a package may not export its package.json.
  const main = createRequire(import.meta.url).resolve(name);
  const root = main.slice(0, main.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length);
  return root + file;
}
