/** A person's own runs: read with all steps, follow live, stop, judge, continue. */
import { Hono } from "hono";
import { z } from "zod";
import { Feedback } from "@starai/protocol/runs";
import type { AppContext } from "../context.ts";
import { continueRun } from "../threads/continue-run.ts";
import { getRun } from "../threads/get-run.ts";
import { judgeRun } from "../threads/judge-run.ts";
import { threadOfOwnRun } from "../threads/own-thread.ts";
import { eventStream } from "./event-stream.ts";
import { parsed } from "./parse.ts";
import { RunId, runEvents } from "./runs.ts";
import { openUnderSession, requireSession } from "./require-session.ts";

const Judgement = z.strictObject({ feedback: Feedback.nullable() });

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
    .put("/api/my/runs/:id/feedback", mine, parsed("param", RunId), parsed("json", Judgement), async (c) => {
      const { id } = c.req.valid("param");
      const person = c.get("session").person;
      const thread = await threadOfOwnRun(ctx.db, person, id);
      const { feedback } = c.req.valid("json");
      await judgeRun(ctx, { person: person.id, thread, run: id, feedback });
      return c.json({ run: id, feedback }, 200);
    })
    .post("/api/my/runs/:id/continue", mine, parsed("param", RunId), async (c) => {
      const { id } = c.req.valid("param");
      await threadOfOwnRun(ctx.db, c.get("session").person, id);
      const run = await continueRun(ctx, id);
      return c.json({ run }, 202);
    });
}
