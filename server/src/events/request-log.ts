/**
 * One line and one count for each request: its method, its route's pattern, status, time and id. Never its address,
 * headers or body: an address may hold a shared link's secret, and bodies are what people wrote.
 */
import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Events } from "./events.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A completion's id is its job's: the route sets it, so that the answer, this line and the job's lines share it. */
export function requestLog(ctx: { events: Events; monotonic: () => number }): MiddlewareHandler {
  return async (c, next) => {
    const began = ctx.monotonic();
    c.header("x-request-id", randomUUID());
    await next();
    ctx.events.requestAnswered({
      id: c.res.headers.get("x-request-id") ?? "",
      method: METHODS.has(c.req.method) ? c.req.method : "other",
      route: patternOf(c),
      status: c.res.status,
      // A stream's time ends when the stream begins.
      ms: ctx.monotonic() - began,
    });
  };
}

/** The pattern of the route as registered, such as `/api/runs/:id`; `none` for every address without a route. */
function patternOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method, path }) => method !== "ALL" || !path.endsWith("*"));
  return route?.path ?? "none";
}
