/** Public pages of shared chats: without a session, without the person's identity, and not for search engines. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { readShared } from "../threads/share-thread.ts";
import { parsed } from "./parse.ts";

export function sharedRoutes(ctx: AppContext) {
  return new Hono().get("/api/shared/:id", parsed("param", z.object({ id: z.uuid() })), async (c) => {
    c.header("x-robots-tag", "noindex");
    // Not cached, so that a revoked link stops working at once.
    c.header("cache-control", "no-store");
    const shared = await readShared(ctx, c.req.valid("param").id);
    return c.json(shared, 200);
  });
}
