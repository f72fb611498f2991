/**
 * Verifies the invariants on one snapshot. Postings are looked at once: what an earlier verification covered counts as
 * the balances it kept in ledger_watermarks. Writers wait while the lock is waited for, LOCK_MS_MAX at most, and one number is read.
 */
import type { Pool, PoolClient } from "pg";
import { DatabaseError } from "pg";
import { BILL_INVARIANTS } from "./bill-invariants.ts";
import { INVARIANTS } from "./invariants.ts";
import { NOTE_INVARIANTS } from "./note-invariants.ts";
import type { Severity } from "./invariants.ts";
import { inTransaction } from "./transaction.ts";

export interface Finding {
  readonly invariant: string;
  readonly severity: Severity;
  /** What is wrong, e.g. `account 7: balance 10, postings 9`. */
  readonly what: string;
}

export interface Verdict {
  /** At most FINDINGS_MAX for each invariant. */
  readonly findings: readonly Finding[];
  /** How much was looked at; postings since the last verification only. */
  readonly looked: { readonly accounts: number; readonly postings: number; readonly openHolds: number };
}

const FINDINGS_MAX = 20;
/** What an invariant's query may ask for. */
const ASKED = "with asked as (select $1::bigint as since, $2::timestamptz as now)";
/** Batches take milliseconds; who waits longer than this for them gives up, so that none waits behind him. */
const LOCK_MS_MAX = 1_000;
/** SQLSTATE of a lock that was not had in time. */
const LOCK_NOT_AVAILABLE = "55P03";
/** SQLSTATEs of a race that another verification won: a row changed since the snapshot, or a deadlock. */
const LOST_RACE = new Set(["40001", "40P01"]);

export interface VerifyOptions {
  readonly now: Date;
  /** Every posting there is, not only those since the last verification. */
  readonly whole?: boolean;
}

export async function verifyLedger(pool: Pool, { now, whole = false }: VerifyOptions): Promise<Verdict> {
  const written = await lastFinished(pool);
  return inTransaction(pool, "begin isolation level repeatable read", async (client) => {
    const since = whole ? 0 : await watermark(client);
    const looked = await countLooked(client, since);
    const findings: Finding[] = [];
    for (const { name, severity, sql } of [...INVARIANTS, ...BILL_INVARIANTS, ...NOTE_INVARIANTS]) {
      const { rows } = await client.query<{ what: string }>(`${ASKED} ${sql} limit ${FINDINGS_MAX}`, [since, now]);
      findings.push(...rows.map(({ what }) => ({ invariant: name, severity, what })));
    }
    if (findings.length === 0 && written !== null) await advanceUnlessLost(client, written);
    return { findings, looked };
  });
}

/**
 * The highest number below which no posting is still being written; null when that could not be learned in time.
 * The table's lock is had once all that were writing have ended, and let go at once.
 */
async function lastFinished(pool: Pool): Promise<number | null> {
  try {
    return await inTransaction(pool, `begin; set local lock_timeout = ${LOCK_MS_MAX}`, async (client) => {
      await client.query("lock table ledger_postings in share mode");
      // Of the sequence, not of the table: that would read every posting while all writers wait.
      const { rows } = await client.query<{ seq: string }>(
        "select case when is_called then last_value else 0 end as seq from ledger_postings_seq",
      );
      return Number(rows[0]!.seq);
    });
  } catch (error) {
    if (error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE) return null;
    throw error;
  }
}

async function watermark(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ upto: string }>("select coalesce(max(upto), 0) as upto from ledger_watermarks");
  return Number(rows[0]!.upto);
}

async function countLooked(client: PoolClient, since: number): Promise<Verdict["looked"]> {
  const { rows } = await client.query<{ accounts: number; postings: number; open: number }>(
    `select (select count(*) from ledger_accounts)::int as accounts,
       (select count(*) from ledger_postings where seq > $1)::int as postings,
       (select count(*) from ledger_holds where closed_at is null)::int as open`,
    [since],
  );
  const { accounts, postings, open } = rows[0]!;
  return { accounts, postings, openHolds: open };
}

/** Of two verifications at once one advances the watermark; what the other one found is right all the same. */
async function advanceUnlessLost(client: PoolClient, written: number): Promise<void> {
  await client.query("savepoint advancing");
  try {
    await advance(client, written);
  } catch (error) {
    if (!(error instanceof DatabaseError) || !LOST_RACE.has(error.code ?? "")) throw error;
    await client.query("rollback to savepoint advancing");
  }
}

/** Up to what is written, but never past the opening of a hold that is still open: its legs are compared as one sum. */
async function advance(client: PoolClient, written: number): Promise<void> {
  await client.query(
    `with upto as (
       select least($1::bigint, (select min(opened_after) from ledger_holds where closed_at is null)) as seq
     ), before as (
       select coalesce(max(upto), 0) as seq from ledger_watermarks
     ), moved as (
       select account, sum(amount) as amount from (
         select credit as account, amount, seq from ledger_postings
         union all select debit, -amount, seq from ledger_postings
       ) sides where sides.seq > (select seq from before) and sides.seq <= (select seq from upto) group by account
     )
     insert into ledger_watermarks as w (account, upto, balance)
     select a.id, upto.seq, coalesce(m.amount, 0) from upto cross join ledger_accounts a left join moved m on m.account = a.id
     where upto.seq > (select seq from before)
     on conflict (account) do update set upto = excluded.upto, balance = w.balance + excluded.balance`,
    [written],
  );
}
