/** Retention: prompts and answers of finished jobs do not stay for ever. */
import { lt } from "drizzle-orm";
import type { Base } from "../base.ts";
import { jobs } from "../db/schema.ts";

/** Deletes jobs that ended before `olderThan`, with their attempts; gives back how many. */
export async function pruneFinished(ctx: Pick<Base, "db">, olderThan: Date): Promise<number> {
  const pruned = await ctx.db.delete(jobs).where(lt(jobs.finishedAt, olderThan));
  return pruned.rowCount ?? 0;
}
