/** Whose machines workers are, and what stands behind each. */
import { sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";

export interface WorkerOwner {
  /** The person it is paired with. */
  readonly person: string | null;
  /** Their wallet, raw; null where none is bound. */
  readonly wallet: string | null;
  /**
   * Nano units: the wallet's stake, divided over all machines paired with its owner. One that nobody saw for a day weighs
   * nothing: unbonding takes seven days, so that what was seen by then is still there to be slashed, and a longer silence
   * of our endpoints must not pay machines whose stake may have left.
   */
  readonly stake: bigint;
  /** Paired with its owner, among which the stake is divided; 1 for nobody's. */
  readonly machines: number;
}

export const NOBODYS: WorkerOwner = { person: null, wallet: null, stake: 0n, machines: 1 };

/** By worker; one that nobody paired is not in it. */
export async function workerOwners(tx: Executor, workers: readonly string[]): Promise<Map<string, WorkerOwner>> {
  if (workers.length === 0) return new Map();
  const { rows } = await tx.execute<Omit<WorkerOwner, "stake"> & { worker: string; stake: string }>(
    sql`select b.worker, b.person, w.address as wallet, own.machines, coalesce(s.stake / own.machines, 0)::text as stake
        from worker_bindings b
          cross join lateral (
            select greatest(1, count(*))::int as machines from worker_bindings o where o.person = b.person
          ) own
          left join wallets w on w.person = b.person and w.state = 'bound'
          left join contributor_stakes s on s.wallet = w.address and s.seen_at > now() - interval '24 hours'
        where b.worker = any(${sql.param([...workers])})`,
  );
  return new Map(rows.map(({ worker, stake, ...owner }) => [worker, { ...owner, stake: BigInt(stake) }]));
}
