/** How long workers were there and worked. */
import { sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";

/**
 * By worker: seconds in the pool, of the whole hours of a span in which it answered at least one job. The hours that an
 * end falls into belong to the next span, so that none counts twice.
 * @param from  null: from the beginning
 */
export async function presenceSince(tx: Executor, from: Date | null, to: Date): Promise<Map<string, number>> {
  const { rows } = await tx.execute<{ worker: string; seconds: number }>(
    sql`select worker, sum(least(online_s, 3600))::float8 as seconds from worker_hours
        where jobs > 0 and hour < date_trunc('hour', ${to}::timestamptz)
          and (${from}::timestamptz is null or hour >= date_trunc('hour', ${from}::timestamptz))
        group by worker`,
  );
  return new Map(rows.map(({ worker, seconds }) => [worker, seconds]));
}
