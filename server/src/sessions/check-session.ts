/** Finds the person of a request: it needs a valid token whose session has not been ended. */
import { and, eq, isNull } from "drizzle-orm";
import type { Base } from "../base.ts";
import { people, sessions } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { readToken } from "./session-token.ts";

export interface Session {
  id: string;
  person: SessionPerson;
  tokenExpiresAt: Date;
}

export interface SessionPerson {
  id: string;
  telegramId: number;
  name: string;
}

/** @throws Refusal `unauthorised` for an invalid or expired token, `signed_out` where its session was ended */
export async function checkSession(ctx: Pick<Base, "config" | "db" | "clock">, token: string): Promise<Session> {
  const { botToken } = ctx.config;
  const claims = botToken === null ? null : await readToken(botToken, token, ctx.clock());
  if (claims === null)
    throw new Refusal("unauthorised", "This needs a session: ask POST /api/session for a fresh token.");
  const [person] = await ctx.db
    .select({ id: people.id, telegramId: people.telegramId, name: people.name })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.personId))
    .where(and(eq(sessions.id, claims.session), isNull(sessions.revokedAt)));
  if (!person) throw new Refusal("signed_out", "You are signed out: open the app again from the chat.");
  return { id: claims.session, person, tokenExpiresAt: claims.expiresAt };
}
