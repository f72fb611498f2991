/** What a batch changes, as one statement: postings, holds, days and each account once. */
import { toStorableJson } from "../db/storable.ts";
import type { Changes } from "./rules/books.ts";
import type { Statement } from "./statements.ts";

/** Numbers of 64 bits travel as JSON texts, which PostgreSQL reads exactly. */
const WRITE = `
  with posted as (
    insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind, hold, reverses)
    select key, leg, decode(params, 'hex'), asset, debit, credit, amount, kind, hold, reverses
    from jsonb_to_recordset($1) as p(key uuid, leg smallint, params text, asset ledger_asset, debit bigint,
      credit bigint, amount bigint, kind text, hold uuid, reverses uuid)
    order by key, leg
  ), opened as (
    insert into ledger_holds (id, account, asset, amount, used, params, day, cap_owners, opened_after, expires_at, closed_at)
    select id, account, asset, amount, used, decode(params, 'hex'), day, "capOwners", $6::bigint, "expiresAt",
      case when not open then now() end
    from jsonb_to_recordset($2) as h(id uuid, account bigint, asset ledger_asset, amount bigint, used bigint, params text,
      day date, "capOwners" jsonb, "expiresAt" timestamptz, open boolean)
    order by id
  ), changed as (
    update ledger_holds h set used = h.used + c.used, closed_at = case when c.closes then now() else h.closed_at end
    from jsonb_to_recordset($3) as c(id uuid, used bigint, closes boolean) where h.id = c.id
  ), spent as (
    update spend_days s set cap = d.cap, spent = s.spent + d.spent, held = s.held + d.held
    from jsonb_to_recordset($4) as d(owner text, asset ledger_asset, day date, cap bigint, spent bigint, held bigint)
    where s.owner = d.owner and s.asset = d.asset and s.day = d.day
  )
  update ledger_accounts a set balance = a.balance + d.balance, held = a.held + d.held
  from jsonb_to_recordset($5) as d(id bigint, balance bigint, held bigint) where a.id = d.id`;

/**
 * Null where nothing happened: every effect is a posting, an opened hold or a closed one. Balances do not tell: a batch
 * that moves an amount there and back leaves them as they were, and its postings must be kept all the same.
 * @param lastSeq  number of the last posting before this batch
 */
export function writeChanges(changes: Changes, lastSeq: number): Statement | null {
  const { postings, opened, holds, days, accounts } = changes;
  if (postings.length + opened.length + holds.length === 0) return null;
  const rows = [postings, opened, holds, days, accounts].map(jsonOf);
  return { name: "ledger-write", text: WRITE, values: [...rows, lastSeq] };
}

function jsonOf(rows: readonly unknown[]): string {
  return toStorableJson(exact(rows));
}

/** A bigint as text, in rows of plain values. */
function exact(rows: readonly unknown[]): unknown[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row as object).map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
    ),
  );
}
