/** What a closing finds in the books: accounts of workers and of the house, locked until its transaction ends. */
import type { PoolClient } from "pg";
import type { AccountId } from "../ledger/rules/operation.ts";

type Connection = Pick<PoolClient, "query">;

export interface LockedAccount {
  readonly id: AccountId;
  readonly balance: bigint;
  /** The part that an answer under way may still take back. */
  readonly open: bigint;
}

export interface ClosingBooks {
  /** By key. */
  readonly workers: ReadonlyMap<string, LockedAccount>;
  readonly fees: LockedAccount;
  readonly availability: LockedAccount;
  /** Fees collected since the last closing, where somebody is there to share them. */
  readonly collected: bigint;
  /** Number of the ledger's last posting: what is in `collected` is up to there. */
  readonly upto: number;
}

/** Whoever has something on its account. Read without a lock. */
export async function workersWithPay(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query<{ worker: string }>(
    `select substr(owner, 8) as worker from ledger_accounts
     where asset = 'coin' and kind = 'earner' and owner like 'worker:%' and balance > 0`,
  );
  return rows.map(({ worker }) => worker);
}

/** One order for all of them, as the ledger's own, so that no answer's end and a closing wait for each other in a circle. */
const LOCK = `
  select id, kind, owner, balance, held from ledger_accounts
  where asset = 'coin' and (
    kind = 'earner' and owner = any($1::text[])
    or kind in ('fees', 'availability') and owner = 'house')
  order by id for no key update`;

/** Of answers under way. */
const OPEN = `
  with held as (select id, opened_after from ledger_holds where asset = 'coin' and closed_at is null),
    legs as (
      select debit, credit, amount from ledger_postings
      where seq > (select min(opened_after) from held) and hold in (select id from held))
  select account, sum(amount)::text as amount from (
    select credit as account, amount from legs union all select debit, -amount from legs
  ) sides where account = any($1::bigint[]) group by account`;

const COLLECTED = `
  select coalesce(sum(case when credit = $1 then amount else -amount end), 0)::text as collected
  from ledger_postings
  where seq > $2 and (credit = $1 and kind = 'fee' or debit = $1 and reverses is not null)`;

const LAST = "select (case when is_called then last_value else 0 end)::text as last from ledger_postings_seq";

/** @param workers  who have accounts; others are not looked at @param isShared  somebody was there @param since  the last closing's `upto` */
export async function lockClosingBooks(
  connection: Connection,
  { workers: keys, isShared, since }: { workers: readonly string[]; isShared: boolean; since: number },
): Promise<ClosingBooks> {
  const { rows } = await connection.query<Record<"id" | "kind" | "owner" | "balance" | "held", string>>(LOCK, [
    keys.map((worker) => `worker:${worker}`),
  ]);
  const open = await connection.query<{ account: string; amount: string }>(OPEN, [rows.map(({ id }) => id)]);
  const openOf = new Map(open.rows.map(({ account, amount }) => [account, BigInt(amount)]));
  const accountOf = (row: (typeof rows)[number] | undefined): LockedAccount => ({
    id: Number(row!.id),
    balance: BigInt(row!.balance) - BigInt(row!.held),
    open: openOf.get(row!.id) ?? 0n,
  });
  const house = (kind: string) => accountOf(rows.find((row) => row.kind === kind));
  const fees = house("fees");
  const collected = isShared
    ? (await connection.query<{ collected: string }>(COLLECTED, [fees.id, since])).rows[0]!.collected
    : "0";
  const last = await connection.query<{ last: string }>(LAST);
  const workers = rows.filter(({ kind }) => kind === "earner");
  return {
    workers: new Map(workers.map((row) => [row.owner.slice("worker:".length), accountOf(row)])),
    fees,
    availability: house("availability"),
    collected: BigInt(collected),
    upto: Number(last.rows[0]!.last),
  };
}
