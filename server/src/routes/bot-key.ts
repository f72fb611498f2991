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
  const expected = digest(`Bearer ${ctx.config.botKey}`);
  return createMiddleware(async (c, next) => {
    const given = digest(c.req.header("authorization") ?? "");
    // Digests have one length, so neither the length nor the first wrong character of a guess shows in the time.
    if (!timingSafeEqual(given, expected))
      throw new Refusal(
        "unauthorised",
        "This needs the bot's key: set STARAI_BOT_KEY to the same value on both sides.",
      );
    await next();
  });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
