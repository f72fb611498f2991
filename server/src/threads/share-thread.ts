/**
 * A conversation for whoever has its link, without a session: the chosen branch as it was when it was shared, read only.
 * Nothing in it says whose it is, and what is said later is not shared until its person shares it again.
 */
import { eq } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { shares, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { lockOwnThread, ownThread } from "./own-thread.ts";
import type { Owner } from "./own-thread.ts";
import { branch } from "./read-thread.ts";

/** Messages of a shared page: the last ones; more than anybody reads on one page. */
export const SHARED_MESSAGES_MAX = 200;

export interface Share {
  /** The secret part of the link. */
  id: string;
  sharedAt: string;
  /** Whether something was said since, or another branch was chosen. */
  behind: boolean;
}

/** null while it is not shared. @throws Refusal `not_found` */
export async function readShare(ctx: AppContext, owner: Owner, thread: string): Promise<Share | null> {
  const { headId } = await ownThread(ctx.db, owner, thread);
  const [share] = await ctx.db.select().from(shares).where(eq(shares.threadId, thread));
  return share ? viewOf(share, headId) : null;
}

/** Shares it as it is now; the link it already has shows it as it is now. @throws Refusal `not_found` or `conflict` */
export async function shareThread(ctx: AppContext, owner: Owner, thread: string): Promise<Share> {
  return await ctx.db.transaction(async (tx) => {
    const { headId } = await lockOwnThread(tx, owner, thread);
    if (headId === null) throw new Refusal("conflict", "Nothing was said here yet; there is nothing to share.");
    const now = { headId, createdAt: new Date(ctx.clock()) };
    const [share] = await tx
      .insert(shares)
      .values({ threadId: thread, ...now })
      .onConflictDoUpdate({ target: shares.threadId, set: now })
      .returning();
    return viewOf(share!, headId);
  });
}

/** The link shows nothing from now on, and never again: another one is made next time. @throws Refusal `not_found` */
export async function endShare(ctx: AppContext, owner: Owner, thread: string): Promise<void> {
  await ownThread(ctx.db, owner, thread);
  await ctx.db.delete(shares).where(eq(shares.threadId, thread));
}

export interface SharedThread {
  title: string;
  sharedAt: string;
  messages: { role: "user" | "assistant"; text: string }[];
  /** The beginning is left out. */
  cut: boolean;
}

/** What the link shows to anybody. @throws Refusal `not_found` */
export async function readShared(ctx: AppContext, id: string): Promise<SharedThread> {
  const [share] = await ctx.db
    .select({ headId: shares.headId, createdAt: shares.createdAt, title: threads.title })
    .from(shares)
    .innerJoin(threads, eq(threads.id, shares.threadId))
    .where(eq(shares.id, id));
  if (!share) throw new Refusal("not_found", "Nothing is shared by this link, or not any more.");
  const rows = await branch(ctx, share.headId, SHARED_MESSAGES_MAX);
  // An answer that was being written then is shown as it became; one that failed has no words.
  const said = rows.map(({ role, text }) => ({ role, text }));
  return {
    title: share.title,
    sharedAt: share.createdAt.toISOString(),
    messages: said.filter(({ text }) => text !== ""),
    cut: rows[0]?.parent != null,
  };
}

function viewOf(share: typeof shares.$inferSelect, headId: string | null): Share {
  return { id: share.id, sharedAt: share.createdAt.toISOString(), behind: share.headId !== headId };
}
