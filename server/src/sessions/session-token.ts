/**
 * The token of a session: a JWT signed with a key derived from the bot's token, so that one secret is enough to keep
 * and neither can be used as the other.
 */
import { createHmac } from "node:crypto";
import { sign, verify } from "hono/jwt";

/** A stolen token is of use for this long at most. */
export const TOKEN_LIFE_MS = 60 * 60_000;

export interface TokenClaims {
  session: string;
  expiresAt: Date;
}

export async function signToken(botToken: string, { session, expiresAt }: TokenClaims): Promise<string> {
  return await sign({ sid: session, exp: Math.floor(expiresAt.getTime() / 1_000) }, keyOf(botToken), "HS256");
}

/** Returns null unless the token is ours and has not expired at `now`. */
export async function readToken(botToken: string, token: string, now: number): Promise<TokenClaims | null> {
  // The expiry is compared with the server's clock below, which tests can turn.
  const claims = await verify(token, keyOf(botToken), { alg: "HS256", exp: false }).catch(() => null);
  if (claims === null || typeof claims.sid !== "string" || typeof claims.exp !== "number") return null;
  const expiresAt = new Date(claims.exp * 1_000);
  return expiresAt.getTime() > now ? { session: claims.sid, expiresAt } : null;
}

function keyOf(botToken: string): string {
  return createHmac("sha256", botToken).update("StarAI Mini App session v1").digest("base64url");
}
