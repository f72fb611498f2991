/** Runs: read one, follow it live, stop it, go on with one that was interrupted. */
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { continueRun } from "../threads/continue-run.ts";
import { getRun } from "../threads/get-run.ts";
import { requireBotKey } from "./bot-key.ts";
import { parsed } from "./parse.ts";

/** Proxies drop a connection after 30 to 60 s of silence. */
const KEEP_ALIVE_MS = 15_000;

const RunId = z.object({ id: z.uuid() });

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
      const events = ctx.runs.events(id, c.req.header("last-event-id"))[Symbol.asyncIterator]();
      return streamSSE(c, async (stream) => {
        const beat = setInterval(() => void stream.write(": still here\n\n"), KEEP_ALIVE_MS);
        stream.onAbort(() => void events.return?.(undefined));
        try {
          for (let next = await events.next(); !next.done && !stream.aborted; next = await events.next())
            await stream.writeSSE({ id: next.value.id, data: JSON.stringify(next.value.event) });
        } finally {
          clearInterval(beat);
          await events.return?.(undefined);
        }
      });
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
