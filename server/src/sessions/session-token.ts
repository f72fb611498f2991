/**
 * The token of a session: a JWT signed with a key derived from the bot's token, so that one secret is enough to keep
 * and neither can be used as the other.
 */
import { createHmac } from "node:crypto";
import { sign, verify } from "hono/jwt";

/** A stolen token is of use for this long at most. */
export const TOKEN_LIFE_MS = 60 * 60_000;

/** What a token is good for; a token of one is none for the other. */
export type TokenScope = "app" | "pay";
const SCOPES = {
  app: "StarAI Mini App session v1",
  pay: "StarAI pay page session v1",
} as const satisfies Record<TokenScope, string>;

export interface TokenClaims {
  session: string;
  expiresAt: Date;
}

export async function signToken(
  botToken: string,
  { session, expiresAt }: TokenClaims,
  scope: TokenScope = "app",
): Promise<string> {
  return await sign({ sid: session, exp: Math.floor(expiresAt.getTime() / 1_000) }, keyOf(botToken, scope), "HS256");
}

/** Returns null unless the token is ours, of this scope, and has not expired at `now`. */
export async function readToken(
  botToken: string,
  token: string,
  now: number,
  scope: TokenScope = "app",
): Promise<TokenClaims | null> {
  // The expiry is compared with the server's clock below, which tests can turn.
  const claims = await verify(token, keyOf(botToken, scope), { alg: "HS256", exp: false }).catch(() => null);
  if (claims === null || typeof claims.sid !== "string" || typeof claims.exp !== "number") return null;
  const expiresAt = new Date(claims.exp * 1_000);
  return expiresAt.getTime() > now ? { session: claims.sid, expiresAt } : null;
}

function keyOf(botToken: string, scope: TokenScope): string {
  return createHmac("sha256", botToken).update(SCOPES[scope]).digest("base64url");
}
