/** A contributor's claim, in the app: the proof that their wallet sends. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";
import { MyClaims } from "../earnings/my-claim.ts";
import { requireSession } from "./require-session.ts";

export function myClaimRoutes(ctx: AppContext) {
  const claims = new MyClaims(ctx);
  return new Hono().get("/api/my/claim", requireSession(ctx), async (c) =>
    c.json(await claims.of(c.get("session").person.id), 200),
  );
}
