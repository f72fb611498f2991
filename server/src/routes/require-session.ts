/** Who may call `/api/my`: a person's Mini App, by the token of its session. */
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

/** A stream that ends with the caller's session; also with one that was ended since the request was let in. */
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

/** The list of models is for the bot and for whoever has a session. */
export function requireBotOrSession(ctx: AppContext) {
  return createMiddleware(async (c, next) => {
    if (!isBot(ctx, c.req.header("authorization"))) await checkSession(ctx, bearerOf(c));
    await next();
  });
}

function bearerOf(c: Context): string {
  return /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
}
