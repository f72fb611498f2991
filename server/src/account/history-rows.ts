/**
 * What changed a person's balances: closed bills, and the ledger's postings on the person's own accounts that no answer
 * made. So the entries of an asset add up to its balance, to the nano unit, but for answers still under way. What a
 * person's own escrow paid is in no balance, and is named `self_custody`.
 *
 * Postings of one moment with one meaning are one entry: a payment of Stars may be a credit, a bonus and a part that
 * paid a debt. What pays a debt directly counts twice, as paid in and as paid off. A refund of what was spent already
 * became a debt and took nothing from the balance: it is an entry of 0.
 */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { HistoryEntry } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import { personOwner } from "../billing/bill.ts";

/** The last entry seen; entries are sorted by time, then id, newest first. */
export interface Place {
  /** Ms since the epoch. */
  readonly at: number;
  readonly id: string;
}

/** Postings of one moment on one account: a payment of Stars makes four at most. */
const POSTINGS_PER_ENTRY_MAX = 4;

interface EntryRow extends Record<string, unknown> {
  id: string;
  kind: HistoryEntry["kind"];
  ms: string;
  paidWith: HistoryEntry["paidWith"];
  amount: string;
  title: string | null;
  receipt: string | null;
}

/** At most `length` entries older than `before`; null for the newest. */
export async function historyRows(
  { db }: Pick<Base, "db">,
  { person, before, length }: { person: string; before: Place | null; length: number },
): Promise<HistoryEntry[]> {
  const { rows } = await db.execute<EntryRow>(sql`
    select e.id, e.kind, (extract(epoch from e.at) * 1000)::bigint::text as ms, e.paid_with as "paidWith", e.amount,
      e.receipt, nullif(coalesce(k.name, t.title), '') as title
    from (
      select * from (${closedBills(person, before, length)}) bills
      union all select * from (${moves(person, before, length)}) moves
      order by at desc, id desc limit ${length}
    ) e
      left join bills b on b.id = e.receipt
      left join api_keys k on k.id = b.api_key and k.owner = b.person
      left join runs r on coalesce(r.bill, r.id) = b.id
      -- The title of somebody else's thread in a group may be of somebody else's words.
      left join threads t on t.id = r.thread_id and t.person_id = b.person
    order by e.at desc, e.id desc`);
  return rows.map(({ ms, ...entry }) => ({ ...entry, at: new Date(Number(ms)).toISOString() }));
}

export function placeOf({ at, id }: HistoryEntry): Place {
  return { at: Date.parse(at), id };
}

function closedBills(person: string, before: Place | null, length: number): SQL {
  return sql`
    select id, kind, opened_at as at,
      case when escrow is null then paid_with::text else 'self_custody' end as paid_with, (-amount)::text as amount, id as receipt
    from bills where person = ${person} and closed_at is not null and ${olderThan(before, sql`opened_at, id`)}
    order by opened_at desc, id desc limit ${length}`;
}

function moves(person: string, before: Place | null, length: number): SQL {
  const postings = length * POSTINGS_PER_ENTRY_MAX;
  const notAfter = before === null ? sql`true` : sql`at <= ${timeOf(before)}`;
  return sql`
    select md5(min(key::text) || kind)::uuid as id, kind, at, asset::text as paid_with, sum(amount)::text as amount,
      null::uuid as receipt
    from (
      select mine.asset, p.key, p.at, meaning.kind, meaning.amount
      from ledger_accounts mine
        cross join lateral (
          (select key, at, kind, amount, debit as other, true as is_in from ledger_postings
            where credit = mine.id and hold is null and ${notAfter} order by at desc limit ${postings})
          union all
          (select key, at, kind, amount, credit, false from ledger_postings
            where debit = mine.id and hold is null and ${notAfter} order by at desc limit ${postings})
        ) p
        join ledger_accounts other on other.id = p.other
        cross join lateral (
          select case when p.kind = 'adjustment' then p.kind
            when other.kind = 'in_flight' then case p.kind when 'fee' then p.kind else 'withdrawal' end
            when other.kind = 'chain_hot' and p.is_in then 'withdrawal'
            when other.kind = 'escrow' and p.is_in then 'custody_rest'
            when other.kind in ('chain_deposits', 'unmatched') and p.is_in then 'deposit'
            when other.kind in (${OUTSIDE}) then
            case when not p.is_in then 'refund' when mine.kind = 'person' and is_subscription.yes then 'subscription' else 'topup' end
            else 'adjustment' end as kind
          from (select exists (select from star_charges c where c.person = ${person} and c.stored_at = p.at
            and c.direction = 'paid' and c.subscription) as yes) is_subscription
        ) named
        cross join lateral (
          select named.kind, case when p.is_in then p.amount else -p.amount end as amount
            where mine.kind = 'person' and other.kind <> 'debt'
          union all select 'debt_paid', case when p.is_in then p.amount else -p.amount end
            where mine.kind = 'person' and other.kind = 'debt'
          union all select named.kind, case when p.is_in then p.amount else 0 end
            where mine.kind = 'debt' and other.kind <> 'person'
          union all select 'debt_paid', -p.amount where mine.kind = 'debt' and other.kind <> 'person' and p.is_in
        ) meaning
      where mine.owner = ${personOwner(person)} and mine.asset in ('stars', 'coin') and mine.kind in ('person', 'debt')
    ) meanings
    group by at, kind, asset
    having ${olderThan(before, sql`at, md5(min(key::text) || kind)::uuid`)}
    order by at desc, id desc limit ${length}`;
}

/** Kinds of accounts that a person's money comes from and, returned, goes back to. */
const OUTSIDE = sql.raw(`'telegram_stars', 'gifts'`);

function olderThan(before: Place | null, columns: SQL): SQL {
  return before === null ? sql`true` : sql`(${columns}) < (${timeOf(before)}, ${before.id}::uuid)`;
}

function timeOf({ at }: Place): SQL {
  return sql`${new Date(at).toISOString()}::timestamptz`;
}
