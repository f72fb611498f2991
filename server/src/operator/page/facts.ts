/** What the operator's page shows, each in one statement. */
import type pg from "pg";

type Asks = Pick<pg.Pool, "query">;

const WORKERS_MAX = 200;
const ROWS_MAX = 50;

export interface WorkerFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly seen: Date;
  readonly completed: number;
  readonly failed: number;
  readonly state: "banned" | "paused" | "free";
  readonly why: string | null;
  readonly isPaired: boolean;
  /** Not released yet, nano units. */
  readonly balance: string;
}

/** Those seen last. */
export async function readWorkers(pg: Asks): Promise<WorkerFacts[]> {
  const { rows } = await pg.query<WorkerFacts>(
    `select w.id, w.name, w.version, w.last_seen_at as seen, w.completed, w.failed, w.pause_reason as why,
       case when w.banned_at is not null then 'banned' when w.paused_until > now() then 'paused' else 'free' end as state,
       b.person is not null as "isPaired", coalesce(a.balance, 0)::text as balance
     from workers w left join worker_bindings b on b.worker = w.id
       left join ledger_accounts a on a.asset = 'coin' and a.kind = 'earner' and a.owner = 'worker:' || w.id
     order by w.last_seen_at desc limit ${WORKERS_MAX}`,
  );
  return rows;
}

export interface EpochFacts {
  readonly number: number;
  readonly state: string;
  readonly closed: Date;
  readonly leaves: number;
  /** Nano units. */
  readonly total: string;
  readonly availability: string;
  readonly root: Buffer | null;
}

/** The newest first. */
export async function readEpochs(pg: Asks): Promise<EpochFacts[]> {
  const { rows } = await pg.query<EpochFacts>(
    `select number, state, closed_at as closed, leaves, total::text as total, availability::text as availability, root
     from epochs order by number desc limit ${ROWS_MAX}`,
  );
  return rows;
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
  readonly id: string;
  readonly wallet: string;
  readonly amount: string;
  readonly reason: string;
  readonly state: string;
  readonly created: Date;
}

/** The newest first. */
export async function readSlashProposals(pg: Asks): Promise<SlashFacts[]> {
  const { rows } = await pg.query<SlashFacts>(
    `select id, wallet, amount::text as amount, reason, state, created_at as created
     from slash_proposals order by created_at desc limit ${ROWS_MAX}`,
  );
  return rows;
}

export interface AppealFacts {
  readonly id: string;
  readonly worker: string | null;
  readonly words: string;
  readonly created: Date;
}

/** Not answered yet, the oldest first. */
export async function readOpenAppeals(pg: Asks): Promise<AppealFacts[]> {
  const { rows } = await pg.query<AppealFacts>(
    `select id, worker, words, created_at as created from appeals
     where answered_at is null order by created_at limit ${ROWS_MAX}`,
  );
  return rows;
}
