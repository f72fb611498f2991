/**
 * Ownership of conversations. In the app a person sees only the threads of their own private chat with the bot; the
 * threads of others are `not_found`, like unknown ones, so that nobody can tell whether they exist.
 */
import { and, eq } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { privateChat } from "../db/private-chat.ts";
import { messages, runs, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** The acting person, identified by their session or by the bot. */
export interface Owner {
  id: string;
  telegramId: number;
}

export type ThreadRow = typeof threads.$inferSelect;

export function ownedBy({ id, telegramId }: Owner) {
  return and(eq(threads.personId, id), eq(threads.chat, privateChat(telegramId)));
}

/** @throws Refusal `not_found` */
export async function ownThread(db: Pick<Executor, "select">, owner: Owner, id: string): Promise<ThreadRow> {
  const [thread] = await db
    .select()
    .from(threads)
    .where(and(eq(threads.id, id), ownedBy(owner)));
  if (!thread) throw noThread(id);
  return thread;
}

/** The same, and locks the thread against other writers until this transaction ends. @throws Refusal `not_found` */
export async function lockOwnThread(tx: Pick<Executor, "select">, owner: Owner, id: string): Promise<ThreadRow> {
  const [thread] = await tx
    .select()
    .from(threads)
    .where(and(eq(threads.id, id), ownedBy(owner)))
    .for("update");
  if (!thread) throw noThread(id);
  return thread;
}

/** The thread of a run. @throws Refusal `not_found` */
export async function threadOfOwnRun(db: Pick<Executor, "select">, owner: Owner, run: string): Promise<string> {
  const [row] = await db
    .select({ thread: threads.id })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .where(and(eq(runs.id, run), ownedBy(owner)));
  if (!row) throw new Refusal("not_found", `There is no run ${run}.`);
  return row.thread;
}

/** The thread of a message. @throws Refusal `not_found` */
export async function threadOfOwnMessage(db: Pick<Executor, "select">, owner: Owner, id: string): Promise<string> {
  const [row] = await db
    .select({ thread: threads.id })
    .from(messages)
    .innerJoin(threads, eq(threads.id, messages.threadId))
    .where(and(eq(messages.id, id), ownedBy(owner)));
  if (!row) throw noMessage(id);
  return row.thread;
}

export function noMessage(id: string): Refusal {
  return new Refusal("not_found", `There is no message ${id} in this conversation.`);
}

export function noThread(id: string): Refusal {
  return new Refusal("not_found", `There is no conversation ${id}; it may have been deleted.`);
}
