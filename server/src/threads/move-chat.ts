/** Moves the threads of a chat whose id changed, such as a Telegram group that became a supergroup. */
import { and, eq, isNotNull } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { threads } from "../db/schema.ts";

/**
 * The old chat's current thread becomes the new chat's, unless the new chat's own current thread has messages.
 * Idempotent. Returns how many threads moved.
 */
export async function moveChat(
  ctx: Pick<AppContext, "db" | "changes">,
  { from, to }: { from: string; to: string },
): Promise<number> {
  const moved = await ctx.db.transaction(async (tx) => {
    if (await tx.$count(threads, currentOf(from))) await leaveOne(tx, { from, to });
    return await tx
      .update(threads)
      .set({ chat: to })
      .where(eq(threads.chat, from))
      .returning({ id: threads.id, personId: threads.personId });
  });
  for (const { id, personId } of moved) ctx.changes.emit(`person:${personId}`, { type: "thread", id });
  return moved.length;
}

/** Closes the current thread of one of the two chats, because a chat has only one. */
async function leaveOne(tx: Executor, { from, to }: { from: string; to: string }): Promise<void> {
  const spoken = await tx.$count(threads, and(currentOf(to), isNotNull(threads.headId)));
  await tx
    .update(threads)
    .set({ current: false })
    .where(currentOf(spoken > 0 ? from : to));
}

function currentOf(chat: string) {
  return and(eq(threads.chat, chat), eq(threads.current, true));
}
