/**
 * What a closing finds in the books: balances of workers and of the house, in one snapshot. Nothing is locked, as answers
 * go on meanwhile: what they add belongs to the next epoch.
 */
import type { Pool, PoolClient } from "pg";
import { openAccount } from "../ledger/open-account.ts";
import { BEGIN, inTransaction } from "../ledger/transaction.ts";

type Connection = Pick<PoolClient, "query">;

export interface Booked {
  readonly balance: bigint;
  /** The part that an answer under way may still take back. */
  readonly open: bigint;
}

export interface ClosingBooks {
  /** By key; those who have nothing are not in it. */
  readonly workers: ReadonlyMap<string, Booked>;
  readonly fees: Booked;
  readonly availability: Booked;
}

export const NOTHING: Booked = { balance: 0n, open: 0n };

/** One statement, so that a balance and the part of it that is open are of the same moment. */
const SNAPSHOT = `
  with under_way as (select id, opened_after from ledger_holds where asset = 'coin' and closed_at is null),
    legs as (
      select debit, credit, amount from ledger_postings
      where seq > (select min(opened_after) from under_way) and hold in (select id from under_way)),
    open as (
      select account, sum(amount) as amount from (
        select credit as account, amount from legs union all select debit, -amount from legs
      ) sides group by account)
  select a.kind, a.owner, (a.balance - a.held)::text as balance, coalesce(o.amount, 0)::text as open
  from ledger_accounts a left join open o on o.account = a.id
  where a.asset = 'coin' and (
    a.kind = 'earner' and a.owner like 'worker:%' and a.balance > 0
    or a.kind in ('fees', 'availability') and a.owner = 'house')`;

export async function readClosingBooks(connection: Connection): Promise<ClosingBooks> {
  const { rows } = await connection.query<Record<"kind" | "owner" | "balance" | "open", string>>(SNAPSHOT);
  const bookedOf = ({ balance, open }: (typeof rows)[number]): Booked => ({
    balance: BigInt(balance),
    open: BigInt(open),
  });
  const house = (kind: string) => {
    const row = rows.find((one) => one.kind === kind);
    return row === undefined ? NOTHING : bookedOf(row);
  };
  const workers = rows.filter(({ kind }) => kind === "earner");
  return {
    workers: new Map(workers.map((row) => [row.owner.slice("worker:".length), bookedOf(row)])),
    fees: house("fees"),
    availability: house("availability"),
  };
}

const COLLECTED = `
  select coalesce(sum(case when credit = f.id then amount else -amount end), 0)::text as collected
  from ledger_postings p join ledger_accounts f on f.asset = 'coin' and f.kind = 'fees' and f.owner = 'house'
  where seq > $1 and seq <= $2 and (credit = f.id and p.kind = 'fee' or debit = f.id and reverses is not null)`;

/** Fees of postings after `since`, the last of which is `upto`. */
export async function feesCollected(
  connection: Connection,
  { since, upto }: { since: number; upto: number },
): Promise<bigint> {
  const { rows } = await connection.query<{ collected: string }>(COLLECTED, [since, upto]);
  return BigInt(rows[0]!.collected);
}

const LOCK_FEES = `
  select from ledger_accounts where asset = 'coin' and kind = 'fees' and owner = 'house' for no key update`;
const LAST = "select (case when is_called then last_value else 0 end)::text as last from ledger_postings_seq";

/**
 * Number of a posting: all of the fees up to there are stored, and all later ones have a higher number. Whoever posts to
 * them takes their numbers while they have the account, so that this waits for them, and they for this one statement.
 */
export function lastOfFees(pg: Pool): Promise<number> {
  return inTransaction(pg, BEGIN, async (client) => {
    await openAccount(client, { asset: "coin", kind: "fees", owner: "house" });
    await client.query(LOCK_FEES);
    const { rows } = await client.query<{ last: string }>(LAST);
    return Number(rows[0]!.last);
  });
}
