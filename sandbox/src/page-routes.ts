/** The chat page and what it loads, all from this machine; the policy below lets nothing else in. */
import { Hono } from "hono";

export function pageRoutes(): Hono {
  return new Hono();
}
