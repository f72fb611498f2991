/** Runs: read one, follow it live, stop it, continue an interrupted one. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { continueRun } from "../threads/continue-run.ts";
import { getRun } from "../threads/get-run.ts";
import { requireBotKey } from "./bot-key.ts";
import { eventStream, streamed } from "./event-stream.ts";
import { parsed } from "./parse.ts";

export const RunId = z.object({ id: z.uuid() });

export function runRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .get("/api/runs/:id", bot, parsed("param", RunId), async (c) => {
      const run = await getRun(ctx, c.req.valid("param").id);
      return c.json(run, 200);
    })
    .get("/api/runs/:id/events", bot, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await getRun(ctx, id);
      return eventStream(c, runEvents(ctx, id, c.req.header("last-event-id")));
    })
    .post("/api/runs/:id/cancel", bot, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await getRun(ctx, id);
      await ctx.runs.cancel(id);
      return c.json({ run: id }, 202);
    })
    .post("/api/runs/:id/continue", bot, parsed("param", RunId), async (c) => {
      const run = await continueRun(ctx, c.req.valid("param").id);
      return c.json({ run }, 202);
    });
}

export function runEvents(ctx: AppContext, id: string, lastEventId: string | undefined) {
  return streamed(ctx.runs.events(id, lastEventId), (numbered) => ({ id: numbered.id, data: numbered.event }));
}
