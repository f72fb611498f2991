/**
 * One run of a thread works at a time, in the order they were asked for.
 *
 * The order lives in the database: of a thread's runs that are `running`, the one whose answer's row is oldest has its
 * turn, and the others wait. Its end launches the next; a later read of the rows gives the same order.
 */
import { and, asc, eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { messages, runs } from "../db/schema.ts";

/** The run whose turn it is, of each thread that has a running one or of this thread; the longest waiting first. */
export async function runsInTurn(ctx: Pick<Base, "db">, thread?: string): Promise<string[]> {
  const first = ctx.db
    .selectDistinctOn([runs.threadId], { id: runs.id, seq: messages.seq })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.answerId))
    .where(and(eq(runs.status, "running"), thread === undefined ? undefined : eq(runs.threadId, thread)))
    .orderBy(asc(runs.threadId), asc(messages.seq))
    .as("first");
  const rows = await ctx.db.select({ id: first.id }).from(first).orderBy(asc(first.seq));
  return rows.map(({ id }) => id);
}
