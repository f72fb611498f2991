/** The chat's one current thread, made when it is not there yet. */
import { and, eq, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { isPrivateChat } from "../db/private-chat.ts";
import { threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { Person } from "../sessions/upsert-person.ts";

/** Between our failed insert and our reading, a /new may have closed the thread; thrice in a row it will not. */
const OPEN_ATTEMPTS_MAX = 3;

/**
 * The current thread of a chat. Two messages arriving at once get the same one: the partial unique index lets one
 * insert win, the other waits for it and then reads it.
 */
export async function openThread(db: Executor, { chat, person }: { chat: string; person: Person }) {
  // In a group the others did not choose how one of them likes to be answered.
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

/** The chat leaves its current thread; the next message opens another. Returns that thread's id, if there was one. */
export async function closeThread(ctx: Pick<AppContext, "db" | "changes">, chat: string): Promise<string | null> {
  const [closed] = await ctx.db
    .update(threads)
    .set({ current: false })
    .where(and(eq(threads.chat, chat), eq(threads.current, true)))
    .returning({ id: threads.id, personId: threads.personId });
  if (!closed) return null;
  ctx.changes.tell(`person:${closed.personId}`, { type: "thread", id: closed.id });
  return closed.id;
}
