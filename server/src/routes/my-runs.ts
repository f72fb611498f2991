/** A person's own runs: read with all steps, follow live, stop, go on with. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";
import { continueRun } from "../threads/continue-run.ts";
import { getRun } from "../threads/get-run.ts";
import { threadOfOwnRun } from "../threads/own-thread.ts";
import { eventStream } from "./event-stream.ts";
import { parsed } from "./parse.ts";
import { RunId, runEvents } from "./runs.ts";
import { openUnderSession, requireSession } from "./session-key.ts";

export function myRunRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/runs/:id", mine, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await threadOfOwnRun(ctx.db, c.get("session").person, id);
      const run = await getRun(ctx, id);
      return c.json(run, 200);
    })
    .get("/api/my/runs/:id/events", mine, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await threadOfOwnRun(ctx.db, c.get("session").person, id);
      const stream = await openUnderSession(ctx, c);
      return eventStream(c, runEvents(ctx, id, c.req.header("last-event-id")), stream);
    })
    .post("/api/my/runs/:id/cancel", mine, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await threadOfOwnRun(ctx.db, c.get("session").person, id);
      await ctx.runs.cancel(id);
      return c.json({ run: id }, 202);
    })
    .post("/api/my/runs/:id/continue", mine, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await threadOfOwnRun(ctx.db, c.get("session").person, id);
      const run = await continueRun(ctx, id);
      return c.json({ run }, 202);
    });
}
