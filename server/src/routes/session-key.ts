/** Who may call `/api/my`: a person's Mini App, by the token of its session. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppContext } from "../context.ts";
import { checkSession } from "../sessions/check-session.ts";
import type { Session } from "../sessions/check-session.ts";
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
