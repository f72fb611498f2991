/**
 * One line and one count for each request: its method, the pattern of its route, status, time and id. Never its address,
 * headers or body: an address may hold a shared link's secret, and bodies are what people wrote.
 */
import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Events } from "./events.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A completion's id is its job's: the route sets it, so that one id is in the answer, in this line and in the job's. */
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
      // Of a stream, until it began.
      ms: ctx.monotonic() - began,
    });
  };
}

/** As the route was registered, such as `/api/runs/:id`; what no route answers is `none`, however many addresses there are. */
function patternOf(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method, path }) => method !== "ALL" || !path.endsWith("*"));
  return route?.path ?? "none";
}
