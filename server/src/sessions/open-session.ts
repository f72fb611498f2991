/**
 * A launch of the Mini App becomes a session, once.
 *
 * The first client that brings a launch's init data gets a session bound to its own random key; the same data later
 * gives that session to the same key, and a refusal to any other. So a reload or a lost answer
 * costs nothing, and a copied launch is worth nothing.
 */
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { sessions } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { readLaunch } from "./read-launch.ts";
import type { Launch } from "./read-launch.ts";
import { TOKEN_LIFE_MS, signToken } from "./session-token.ts";
import { upsertPerson } from "./upsert-person.ts";

/** A launch older than this was not made by a person who waits for the app to open. */
const FIRST_USE_MS = 60 * 60_000;
/** Clocks differ a little; Telegram's is right. */
const FUTURE_MS = 60_000;
/** An app left open overnight goes on; after a day it is opened anew from the chat. */
const SESSION_LIFE_MS = 24 * 60 * 60_000;

export interface SessionInput {
  initData: string;
  /** The client's own random key, 32 bytes in base64url. */
  device: string;
}

export interface OpenedSession {
  token: string;
  /** Of the token; the same client gets a fresh one with the same init data. */
  expiresAt: string;
  person: { id: string; name: string };
}

type SessionParts = Pick<Base, "config" | "db" | "clock">;
type SessionRow = typeof sessions.$inferSelect;

/** @throws Refusal `unauthorised`, `replayed`, `session_expired`, `signed_out` or `not_configured` */
export async function openSession(ctx: SessionParts, { initData, device }: SessionInput): Promise<OpenedSession> {
  const { botToken } = ctx.config;
  if (botToken === null)
    throw new Refusal("not_configured", "The Mini App needs the bot's token: set BOT_TOKEN for the server too.");
  const launch = readLaunch(initData, botToken);
  if (launch.at.getTime() > ctx.clock() + FUTURE_MS)
    throw new Refusal("unauthorised", "This launch is from the future: set the clock of the device or the server.");
  const deviceHash = createHash("sha256").update(device).digest("hex");
  const session = (await findSession(ctx, launch.hash)) ?? (await firstSession(ctx, launch, deviceHash));
  if (session.deviceHash !== deviceHash)
    throw new Refusal("replayed", "This launch belongs to another window: open the app again from the chat.");
  if (session.revokedAt !== null || session.personId === null)
    throw new Refusal("signed_out", "You are signed out: open the app again from the chat.");
  const expiresAt = new Date(Math.min(ctx.clock() + TOKEN_LIFE_MS, session.expiresAt.getTime()));
  if (expiresAt.getTime() <= ctx.clock()) throw tooOld();
  return {
    token: await signToken(botToken, { session: session.id, expiresAt }),
    expiresAt: expiresAt.toISOString(),
    person: { id: session.personId, name: launch.name },
  };
}

async function findSession(ctx: SessionParts, hash: string): Promise<SessionRow | undefined> {
  const [row] = await ctx.db.select().from(sessions).where(eq(sessions.initDataHash, hash));
  return row;
}

/** Two first uses at once make one session: the launch's hash is unique, and the later one reads the earlier's row. */
async function firstSession(ctx: SessionParts, launch: Launch, deviceHash: string): Promise<SessionRow> {
  if (ctx.clock() - launch.at.getTime() > FIRST_USE_MS) throw tooOld();
  const [row] = await ctx.db.transaction(async (tx) => {
    const person = await upsertPerson(tx, launch);
    return await tx
      .insert(sessions)
      .values({
        personId: person.id,
        initDataHash: launch.hash,
        deviceHash,
        expiresAt: new Date(launch.at.getTime() + SESSION_LIFE_MS),
      })
      .onConflictDoNothing({ target: sessions.initDataHash })
      .returning();
  });
  const session = row ?? (await findSession(ctx, launch.hash));
  if (!session) throw tooOld();
  return session;
}

function tooOld(): Refusal {
  return new Refusal("session_expired", "This launch is too old: open the app again from the chat.");
}
