/** Questions from the app that the bot shows in the chat, and the feed that notifies it of them. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { listMirrors, mirrorShown } from "../threads/mirrors.ts";
import { requireBotKey } from "./bot-key.ts";
import { hintStream } from "./event-stream.ts";
import { parsed } from "./parse.ts";

export function mirrorRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .get("/api/mirrors", bot, async (c) => {
      const mirrors = await listMirrors(ctx);
      return c.json({ mirrors }, 200);
    })
    .post("/api/mirrors/:run/shown", bot, parsed("param", z.object({ run: z.uuid() })), async (c) => {
      await mirrorShown(ctx, c.req.valid("param").run);
      return c.body(null, 204);
    })
    .get("/api/bot/feed", bot, (c) => hintStream(c, ctx.changes.follow("bot")));
}
