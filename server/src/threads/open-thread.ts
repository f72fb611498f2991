/** The chat's one current thread, created on first use. */
import { and, eq, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { isPrivateChat } from "../db/private-chat.ts";
import { threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { Person } from "../sessions/upsert-person.ts";

/** Tries: a /new may close the thread between our failed insert and our read, but not three times in a row. */
const OPEN_ATTEMPTS_MAX = 3;

/**
 * The current thread of a chat. Two messages arriving at once get the same one: the partial unique index lets one
 * insert win, the other waits for it and then reads it.
 */
export async function openThread(db: Executor, { chat, person }: { chat: string; person: Person }) {
  // A group gets no persona from its members' settings: the others did not choose it.
  const persona = isPrivateChat(chat) ? person.persona : null;
  for (let attempt = 0; attempt < OPEN_ATTEMPTS_MAX; attempt++) {
    const inserted = await db
      .insert(threads)
      .values({ chat, personId: person.id, persona })
      .onConflictDoNothing({ target: threads.chat, where: sql`current` })
      .returning();
    const thread = inserted[0] ?? (await findCurrentThread(db, chat));
    if (thread) return thread;
  }
  throw new Refusal("conflict", "This chat is being started over again and again; send the message once more.");
}

async function findCurrentThread(db: Executor, chat: string) {
  // Locked: messages of a thread enter one after another, so the order of `seq` is the order of commits, and /new
  // cannot leave the thread before this message is in it.
  const [thread] = await db
    .select()
    .from(threads)
    .where(and(eq(threads.chat, chat), eq(threads.current, true)))
    .for("update");
  return thread;
}

/** Closes the chat's current thread; the next message opens another. Returns the closed thread's id, if any. */
export async function closeThread(ctx: Pick<AppContext, "db" | "changes">, chat: string): Promise<string | null> {
  const [closed] = await ctx.db
    .update(threads)
    .set({ current: false })
    .where(and(eq(threads.chat, chat), eq(threads.current, true)))
    .returning({ id: threads.id, personId: threads.personId });
  if (!closed) return null;
  ctx.changes.emit(`person:${closed.personId}`, { type: "thread", id: closed.id });
  return closed.id;
}
