/** Retention: deletes the keys of workers that have no record. */
import { and, eq, isNull, lt, notExists } from "drizzle-orm";
import type { Base } from "../base.ts";
import { attempts, workers } from "../db/schema.ts";

/** Deletes machines not seen since `olderThan` that have no record, good or bad; returns how many. */
export async function forgetWorkers({ db }: Pick<Base, "db">, olderThan: Date): Promise<number> {
  const attempted = db.select({ job: attempts.jobId }).from(attempts).where(eq(attempts.workerId, workers.id));
  const forgotten = await db.delete(workers).where(
    and(
      lt(workers.lastSeenAt, olderThan),
      eq(workers.completed, 0),
      eq(workers.failed, 0),
      eq(workers.pauses, 0),
      isNull(workers.bannedAt),
      // `pausedUntil` in a row without pauses is a drain, which the operator decided.
      isNull(workers.pausedUntil),
      notExists(attempted),
    ),
  );
  return forgotten.rowCount ?? 0;
}
