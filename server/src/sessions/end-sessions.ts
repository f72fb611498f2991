/** Signing out: of this session, or of all a person has. Their open streams end at once. */
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { sessions } from "../db/schema.ts";
import type { Session } from "./check-session.ts";
import type { OpenStreams } from "./open-streams.ts";

type SessionParts = Pick<Base, "db"> & { streams: OpenStreams };

export async function endSession(ctx: SessionParts, session: Session, everywhere: boolean): Promise<number> {
  const ended = everywhere
    ? await revoke(ctx.db, eq(sessions.personId, session.person.id))
    : await revoke(ctx.db, eq(sessions.id, session.id));
  for (const id of ended) ctx.streams.signOut(id);
  return ended.length;
}

/** Marks all sessions of a person as ended; the caller ends their streams once this is committed. */
export function revokeAll(db: Executor, personId: string): Promise<string[]> {
  return revoke(db, eq(sessions.personId, personId));
}

async function revoke(db: Executor, which: ReturnType<typeof eq>): Promise<string[]> {
  const rows = await db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(which, isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  return rows.map(({ id }) => id);
}
