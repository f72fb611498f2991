/** Access to `/api/my`: a person's Mini App, by its session's token. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppContext } from "../context.ts";
import { checkSession } from "../sessions/check-session.ts";
import type { Session } from "../sessions/check-session.ts";
import type { OpenStream } from "../sessions/open-streams.ts";
import { isBot } from "./bot-key.ts";

export interface SessionEnv {
  Variables: { session: Session };
}

export function requireSession(ctx: AppContext) {
  return createMiddleware<SessionEnv>(async (c, next) => {
    c.set("session", await checkSession(ctx, bearerOf(c)));
    await next();
  });
}

/** A stream that ends with the caller's session, also if that ended between the check and the start of the stream. */
export async function openUnderSession(ctx: AppContext, c: Context<SessionEnv>): Promise<OpenStream> {
  const stream = ctx.streams.open(c.get("session"), ctx.clock());
  try {
    await checkSession(ctx, bearerOf(c));
    return stream;
  } catch (error) {
    stream[Symbol.dispose]();
    throw error;
  }
}

/** Allows the bot's key or a session; the list of models is for both. */
export function requireBotOrSession(ctx: AppContext) {
  return createMiddleware(async (c, next) => {
    if (!isBot(ctx, c.req.header("authorization"))) await checkSession(ctx, bearerOf(c));
    await next();
  });
}

export function bearerOf(c: Context): string {
  return /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
}
