/** Sign-in with Telegram's signed launch data, and sign-out. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { endSession } from "../sessions/end-sessions.ts";
import { openSession } from "../sessions/open-session.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";

const Opening = z.strictObject({
  /** Accepts any value as launch data: an invalid one is a failed sign-in, not an invalid request. */
  initData: z.string(),
  device: z.string().regex(/^[\w-]{43}$/, "32 random bytes in base64url"),
});
const Ending = z.object({ everywhere: z.enum(["true", "false"]).optional() });

export function sessionRoutes(ctx: AppContext) {
  return new Hono()
    .post("/api/session", parsed("json", Opening), async (c) => {
      const opened = await openSession(ctx, c.req.valid("json"));
      return c.json(opened, 200);
    })
    .delete("/api/session", requireSession(ctx), parsed("query", Ending), async (c) => {
      const ended = await endSession(ctx, c.get("session"), c.req.valid("query").everywhere === "true");
      return c.json({ ended }, 200);
    });
}
