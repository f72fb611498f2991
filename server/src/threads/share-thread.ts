/**
 * A conversation readable by anyone with its link, without a session: the chosen branch as it was when shared.
 * It does not reveal its person, and later messages are not visible until the person shares it again.
 */
import { eq } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { shares, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { lockOwnThread, ownThread } from "./own-thread.ts";
import type { Owner } from "./own-thread.ts";
import { branch } from "./read-thread.ts";

/** Messages of a shared page, counted from the last: more than anybody reads on one page. */
export const SHARED_MESSAGES_MAX = 200;
/** Characters of a shared page: as much as a phone still handles. */
export const SHARED_CHARS_MAX = 500_000;

export interface Share {
  /** The secret part of the link. */
  id: string;
  sharedAt: string;
  /** Whether messages were added or another branch was chosen since it was shared. */
  behind: boolean;
}

/** null while it is not shared. @throws Refusal `not_found` */
export async function readShare(ctx: AppContext, owner: Owner, thread: string): Promise<Share | null> {
  const { headId } = await ownThread(ctx.db, owner, thread);
  const [share] = await ctx.db.select().from(shares).where(eq(shares.threadId, thread));
  return share ? viewOf(share, headId) : null;
}

/** Shares it as it is now; an existing link is updated. @throws Refusal `not_found` or `conflict` */
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

/** Revokes the link for good; sharing again creates another one. @throws Refusal `not_found` */
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

/** The public page of a link. @throws Refusal `not_found` */
export async function readShared(ctx: AppContext, id: string): Promise<SharedThread> {
  const [share] = await ctx.db
    .select({ headId: shares.headId, createdAt: shares.createdAt, title: threads.title })
    .from(shares)
    .innerJoin(threads, eq(threads.id, shares.threadId))
    .where(eq(shares.id, id));
  if (!share) throw new Refusal("not_found", "Nothing is shared by this link, or not any more.");
  const rows = await branch(ctx, share.headId, SHARED_MESSAGES_MAX);
  // An answer still being written when shared is shown finished; a failed one has no text.
  const said = rows.map(({ role, text }) => ({ role, text })).filter(({ text }) => text !== "");
  const messages = lastWithin(said, SHARED_CHARS_MAX);
  return {
    title: share.title,
    sharedAt: share.createdAt.toISOString(),
    messages,
    cut: rows[0]?.parent != null || messages.length < said.length,
  };
}

/** As many of the last ones as fit; the very last in any case. */
function lastWithin<Said extends { text: string }>(said: readonly Said[], charsMax: number): Said[] {
  let chars = 0;
  const first = said.findLastIndex(({ text }) => (chars += text.length) > charsMax);
  return said.slice(Math.min(first + 1, said.length - 1));
}

function viewOf(share: typeof shares.$inferSelect, headId: string | null): Share {
  return { id: share.id, sharedAt: share.createdAt.toISOString(), behind: share.headId !== headId };
}
