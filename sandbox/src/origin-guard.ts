/**
 * Keeps foreign web pages out of a server on this machine. Listening on loopback does not protect it: any page a
 * person opens can send requests to it, and a name that resolves to 127.0.0.1 makes them same-origin (DNS rebinding).
 * So the Host must be this machine's own with the right port, and an Origin, when there is one, the server's own.
 * `/v1` is let through: it requires a key, which a foreign page does not have, and apps with a key call from anywhere.
 */
import type { Context, MiddlewareHandler } from "hono";

const HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** The node server's part of a Hono context; absent when a test calls the app in process. */
interface NodeEnvironment {
  incoming?: { socket?: { localPort?: number } };
}

/** Answers 403 with the reason, or lets the request through. */
export function originGuard(): MiddlewareHandler {
  return async (c, next) => {
    if (hasKey(c.req.path)) return next();
    const reason = whyForeign(c);
    if (reason !== null) return c.json({ error: reason }, 403);
    return next();
  };
}

/** Whether every route at this path requires a key. */
function hasKey(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

function whyForeign(c: Context): string | null {
  const socket = (c.env as NodeEnvironment | undefined)?.incoming?.socket;
  const host = (c.req.header("host") ?? (socket ? "" : hostOf(c.req.url))).toLowerCase();
  if (!ownHosts(socket?.localPort).has(socket ? host : host.replace(/:\d+$/, "")))
    return `This server answers only to its own address on this machine, not to the host "${host.slice(0, 100)}".`;
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== `http://${host}`)
    return `Requests from the page at "${origin.slice(0, 100)}" are not accepted here.`;
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return "Requests started by another site are not accepted here: open the page by its address.";
  return null;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

function ownHosts(port: number | undefined): Set<string> {
  if (port === undefined) return new Set(HOSTS);
  return new Set(HOSTS.flatMap((host) => (port === 80 ? [host, `${host}:80`] : [`${host}:${port}`])));
}
