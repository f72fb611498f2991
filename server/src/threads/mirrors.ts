/**
 * The app's questions in a chat's current thread, until the bot has shown them there: the chat and the app are one
 * conversation. The bot may ask at any time and as often as it likes, so nothing is lost while it is away.
 */
import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { messages, people, runs, threads } from "../db/schema.ts";

/** Enough for one round; the bot asks again when it is done with these. */
const MIRRORS_PER_CALL_MAX = 50;
/** Questions older than a day are no longer shown: they are in the app and would only be noise in the chat. */
const MIRROR_AGE_MAX = sql`now() - interval '1 day'`;

export interface Mirror {
  run: string;
  chat: string;
  /** What was asked. */
  text: string;
  language: string;
}

/** Questions still to be shown, oldest first. */
export async function listMirrors(ctx: Pick<AppContext, "db">): Promise<Mirror[]> {
  return await ctx.db
    .select({
      run: runs.id,
      chat: threads.chat,
      text: messages.text,
      language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})`,
    })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(people, eq(people.id, threads.personId))
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(and(eq(runs.mirrored, true), gt(runs.createdAt, MIRROR_AGE_MAX)))
    .orderBy(asc(runs.createdAt))
    .limit(MIRRORS_PER_CALL_MAX);
}

/** Marks a question as shown. Idempotent; does nothing for a run deleted meanwhile. */
export async function mirrorShown(ctx: Pick<AppContext, "db">, run: string): Promise<void> {
  await ctx.db.update(runs).set({ mirrored: false }).where(eq(runs.id, run));
}
