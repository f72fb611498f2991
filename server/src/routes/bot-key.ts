/**
 * Access to the API of conversations: only the bot, by its key. The bot acts for every person, so its key can read
 * every chat and every run; keeping people apart is the bot's duty, because only the bot knows who sent a request.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createMiddleware } from "hono/factory";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";

/** Refuses requests without `Authorization: Bearer <the bot's key>`; the response does not reveal the reason. */
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
  // Digests have equal lengths, so timing reveals neither the key's length nor the first wrong character.
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${ctx.config.botKey}`));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
