/**
 * New machines wait for their pay, so that what was earned by cheating can still be taken back: what a worker earns in its
 * first epoch and the next one is released when the epoch after those is closed.
 */
import { sql } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { Executor } from "../db/executor.ts";

/** By worker: the epoch that ran when its first credit note was written; one that never earned is not in it. */
export async function firstEarnedEpochs(tx: Executor, workers: readonly string[]): Promise<Map<string, number>> {
  if (workers.length === 0) return new Map();
  const { rows } = await tx.execute<{ worker: string; first: number }>(
    sql`select worker, min(first_epoch) as first from credit_totals
        where worker = any(${sql.param([...workers])}) group by worker`,
  );
  return new Map(rows.map(({ worker, first }) => [worker, first]));
}

/**
 * Those that an operator banned while they were new, by the epoch that ran when it happened: what waited then is lost, also
 * what an answer that was under way leaves free only later. One that was never paid for a job is new.
 */
export async function bannedWhileNew(tx: Executor, workers: readonly string[]): Promise<Set<string>> {
  if (workers.length === 0) return new Set();
  const { rows } = await tx.execute<{ id: string }>(
    sql`select b.id from workers b where b.banned_at is not null and b.id = any(${sql.param([...workers])}::text[])
          and ((select min(first_epoch) from credit_totals t where t.worker = b.id) + ${EARNING_TERMS.heldEpochs}
            > (select coalesce(max(number), 0) + 1 from epochs where recorded_at <= b.banned_at)) is not false`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Whether the closing of this epoch leaves the worker's pay where it is. Pure. */
export function isHeld(firstEpoch: number, closingEpoch: number): boolean {
  return closingEpoch < firstEpoch + EARNING_TERMS.heldEpochs;
}

/** The epoch whose closing releases the worker's pay; null: the running one does, as for everybody. Pure. */
export function heldUntil(firstEpoch: number, runningEpoch: number): number | null {
  return isHeld(firstEpoch, runningEpoch) ? firstEpoch + EARNING_TERMS.heldEpochs : null;
}
