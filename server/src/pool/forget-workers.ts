/** Retention: deletes the keys of workers that have no record. */
import { and, eq, isNotNull, isNull, lt, notExists } from "drizzle-orm";
import type { Base } from "../base.ts";
import { attempts, creditTotals, workerBindings, workers } from "../db/schema.ts";

/** Deletes machines of nobody not seen since `olderThan` that have no record, good or bad; returns how many. */
export async function forgetWorkers({ db }: Pick<Base, "db">, olderThan: Date): Promise<number> {
  const attempted = db.select({ job: attempts.jobId }).from(attempts).where(eq(attempts.workerId, workers.id));
  // A machine that only ever held layers for others has no attempts of its own.
  const paid = db.select({ worker: creditTotals.worker }).from(creditTotals).where(eq(creditTotals.worker, workers.id));
  const paired = db
    .select({ worker: workerBindings.worker })
    .from(workerBindings)
    .where(and(eq(workerBindings.worker, workers.id), isNotNull(workerBindings.person)));
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
      notExists(paid),
      notExists(paired),
    ),
  );
  return forgotten.rowCount ?? 0;
}
