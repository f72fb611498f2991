/** What the operator's page shows, each in a statement or two. */
import { desc, eq, isNull, sql } from "drizzle-orm";
import type pg from "pg";
import { workerOwners } from "../../billing/worker-owners.ts";
import type { Database } from "../../db/executor.ts";
import {
  appeals,
  contributorStakes,
  epochLines,
  epochs,
  ledgerAccounts,
  slashProposals,
  workerBindings,
  workers,
} from "../../db/schema.ts";
import type { EpochRow } from "../../earnings/running-epoch.ts";
import { storedScore } from "../../pool/reputation.ts";
import type { Score } from "../../pool/reputation.ts";

type Asks = Pick<pg.Pool, "query">;

const WORKERS_MAX = 200;
const ROWS_MAX = 50;

/** What is listed, and how many there are of it. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly all: number;
}

export interface WorkerFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly seen: Date;
  readonly completed: number;
  readonly failed: number;
  /** The same, the older the less. */
  readonly score: Score;
  readonly state: "banned" | "paused" | "free";
  readonly why: string | null;
  readonly isPaired: boolean;
  /** Of its owner, raw; null: there is none. */
  readonly wallet: string | null;
  /** What weighs behind it, nano units. */
  readonly stake: bigint;
  /** Not released yet, nano units. */
  readonly balance: string;
}

/** Those seen last. */
export async function readWorkers(db: Database): Promise<Listed<WorkerFacts>> {
  const { id, name, version, lastSeenAt, completed, failed, pauseReason, bannedAt, pausedUntil } = workers;
  const found = await db
    .select({
      id,
      name,
      version,
      seen: lastSeenAt,
      completed,
      failed,
      why: pauseReason,
      ...storedScore,
      state: sql<WorkerFacts["state"]>`case when ${bannedAt} is not null then 'banned'
        when ${pausedUntil} > now() then 'paused' else 'free' end`,
      isPaired: sql<boolean>`coalesce(${workerBindings.person} is not null, false)`,
      balance: sql<string>`coalesce(${ledgerAccounts.balance}, 0)::text`,
    })
    .from(workers)
    .leftJoin(workerBindings, eq(workerBindings.worker, id))
    .leftJoin(
      ledgerAccounts,
      sql`${ledgerAccounts.asset} = 'coin' and ${ledgerAccounts.kind} = 'earner' and ${ledgerAccounts.owner} = 'worker:' || ${id}`,
    )
    .orderBy(desc(lastSeenAt), id)
    .limit(WORKERS_MAX);
  const owners = await workerOwners(
    db,
    found.map((row) => row.id),
  );
  const rows = found.map(({ good, bad, ...row }) => {
    const { wallet, stake } = owners.get(row.id) ?? { wallet: null, stake: 0n };
    return { ...row, score: { good, bad }, wallet, stake };
  });
  return { rows, all: await db.$count(workers) };
}

export interface EpochFacts extends EpochRow {
  /** Lines that a closing has still to move. */
  readonly toMove: number;
}

/** The newest first. */
export async function readEpochs(db: Database): Promise<Listed<EpochFacts>> {
  const found = await db.select().from(epochs).orderBy(desc(epochs.number)).limit(ROWS_MAX);
  // One epoch closes at a time.
  const toMove = await db.$count(epochLines, sql`${epochLines.toMove}`);
  const rows = found.map((row) => ({ ...row, toMove: row.state === "closing" ? toMove : 0 }));
  return { rows, all: await db.$count(epochs) };
}

export interface Balance {
  /** A kind of account, and whose of it where that is the house's. */
  readonly name: string;
  /** Nano units of the coin; what is outside the books is below zero. */
  readonly balance: string;
}

export async function readBalances(pg: Asks): Promise<Balance[]> {
  const { rows } = await pg.query<Balance>(
    `select case when kind = 'own' then kind || ' ' || owner
         when kind = 'earner' then kind || 's: ' || case split_part(owner, ':', 1)
           when 'worker' then 'not released' when 'wallet' then 'in leaves' else split_part(owner, ':', 1) end
         else kind end as name, sum(balance)::text as balance
     from ledger_accounts where asset = 'coin' group by 1 order by 1`,
  );
  return rows;
}

export interface SlashFacts {
  readonly slash: typeof slashProposals.$inferSelect;
  /** Of its wallet, while something is disputed there; what was last seen. */
  readonly disputedUntil: Date | null;
}

/** The newest first. */
export async function readSlashProposals(db: Database): Promise<Listed<SlashFacts>> {
  const rows = await db
    .select({ slash: slashProposals, disputedUntil: contributorStakes.disputedUntil })
    .from(slashProposals)
    .leftJoin(contributorStakes, eq(contributorStakes.wallet, slashProposals.wallet))
    .orderBy(desc(slashProposals.createdAt), slashProposals.id)
    .limit(ROWS_MAX);
  return { rows, all: await db.$count(slashProposals) };
}

export type AppealFacts = typeof appeals.$inferSelect;

/** Not answered yet, the oldest first. */
export async function readOpenAppeals(db: Database): Promise<Listed<AppealFacts>> {
  const isOpen = isNull(appeals.answeredAt);
  const rows = await db.select().from(appeals).where(isOpen).orderBy(appeals.createdAt).limit(ROWS_MAX);
  return { rows, all: await db.$count(appeals, isOpen) };
}
