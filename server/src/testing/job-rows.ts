/** For tests: a job's rows in the database. */
import { eq } from "drizzle-orm";
import { attempts, jobs } from "../db/schema.ts";
import type { PoolStack } from "./pool-stack.ts";
import type { JobHandle } from "../jobs/job.ts";

/** Its attempts, the first one first. */
export async function attemptsOf(stack: PoolStack, handle: JobHandle) {
  const rows = await stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id)).orderBy(attempts.fence);
  return rows.map(({ fence, end, tokens }) => ({ fence, end, tokens }));
}

export async function rowOf(stack: PoolStack, handle: JobHandle) {
  const [row] = await stack.ctx.db.select().from(jobs).where(eq(jobs.id, handle.id));
  return row!;
}
