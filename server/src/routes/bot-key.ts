/**
 * Who may call the API of conversations: the bot, by its key. The bot speaks for every person it meets, so its key
 * sees every chat and every run; keeping people apart is the bot's duty, because only it knows who taps what.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createMiddleware } from "hono/factory";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";

/** Refuses requests without `Authorization: Bearer <the bot's key>`; the answer is the same whatever was wrong. */
export function requireBotKey(ctx: Pick<AppContext, "config">) {
  return createMiddleware(async (c, next) => {
    if (!isBot(ctx, c.req.header("authorization")))
      throw new Refusal(
        "unauthorised",
        "This needs the bot's key: set STARAI_BOT_KEY to the same value on both sides.",
      );
    await next();
  });
}

export function isBot(ctx: Pick<AppContext, "config">, authorization: string | undefined): boolean {
  // Digests have one length, so neither the length nor the first wrong character of a guess shows in the time.
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${ctx.config.botKey}`));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
