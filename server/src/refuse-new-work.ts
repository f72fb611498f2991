/**
 * While the database is away or its disk is full, requests that would begin something are refused before they cost
 * anything. Reading, ending and deleting stay: they need no room, and some of them make it.
 */
import type { MiddlewareHandler } from "hono";
import type { Base } from "./base.ts";

const OURS = /^\/(v1|api)\//;
const BEGINNING = new Set(["POST", "PUT", "PATCH"]);
/** Stopping a run, deleting, confirming what was handled or shown, and signing in, which reading needs. */
const NO_WORK = /\/(cancel|delete|handled|shown|session)$/;

export function refuseNewWork(ctx: Pick<Base, "health">): MiddlewareHandler {
  return async (c, next) => {
    if (BEGINNING.has(c.req.method) && OURS.test(c.req.path) && !NO_WORK.test(c.req.path)) ctx.health.admit();
    await next();
  };
}
