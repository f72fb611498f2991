/** Retention of finished jobs' prompts and answers. */
import { lt } from "drizzle-orm";
import type { Base } from "../base.ts";
import { jobs } from "../db/schema.ts";

/** Deletes jobs that ended before `olderThan`, with their attempts; returns their number. */
export async function pruneFinished(ctx: Pick<Base, "db">, olderThan: Date): Promise<number> {
  const pruned = await ctx.db.delete(jobs).where(lt(jobs.finishedAt, olderThan));
  return pruned.rowCount ?? 0;
}
