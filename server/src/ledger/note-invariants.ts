/**
 * What must be true between credit notes and the ledger, in the form of invariants.ts. A note is written in the transaction
 * that decides what its job pays; what was captured for an answer under way may still go back, and has none yet.
 */
import type { Invariant } from "./invariants.ts";

/** Workers' accounts: what came to them for work, which is what is there and what left, without what was given for being there. */
const EARNED = `(
  with open_holds as (select id, opened_after from ledger_holds where closed_at is null), under_way as (
    select credit, debit, amount from ledger_postings
    where seq > (select min(opened_after) from open_holds) and hold in (select id from open_holds)
  ), still_open as (
    select account, sum(amount) as amount from (
      select credit as account, amount from under_way union all select debit, -amount from under_way
    ) sides group by account
  )
  select substr(a.owner, 8) as worker, a.asset, a.balance - coalesce(o.amount, 0)
    + (select coalesce(sum(amount), 0) from ledger_postings where debit = a.id and hold is null)
    - case when a.asset = 'coin' then
        (select coalesce(sum(availability), 0) from epoch_lines where not to_move and worker = substr(a.owner, 8)) else 0 end as amount
  from ledger_accounts a left join still_open o on o.account = a.id where a.kind = 'earner' and a.owner like 'worker:%'
) e`;

export const NOTE_INVARIANTS: readonly Invariant[] = [
  {
    name: "a worker's credit notes add up to what came to it for its work",
    severity: "page",
    sql: `select format('worker %s: notes of %s %s, earned %s', coalesce(e.worker, t.worker), coalesce(t.total, 0),
        coalesce(e.asset, t.asset), coalesce(e.amount, 0)) as what
      from ${EARNED} full join credit_totals t on t.worker = e.worker and t.asset = e.asset
      where coalesce(e.amount, 0) <> coalesce(t.total, 0)`,
  },
  {
    name: "a worker's last credit note says how many there are and what they add up to",
    severity: "page",
    sql: `select format('worker %s: %s notes of %s %s, the last one is number %s of %s', t.worker, t.notes, t.total, t.asset,
        coalesce(n.number, 0), coalesce(n.total, 0)) as what
      from credit_totals t left join lateral (
        select number, total from credit_notes where worker = t.worker and asset = t.asset order by number desc limit 1
      ) n on true where t.notes <> coalesce(n.number, 0) or t.total <> coalesce(n.total, 0)`,
  },
  {
    name: "credit notes are numbered without a gap, and each says the sum of all before it",
    severity: "page",
    sql: `select format('worker %s: note %s of %s says %s, the sum is %s', worker, number, asset, total, upto) as what
      from (
        select *, row_number() over notes as place, sum(amount) over notes as upto from credit_notes
        where (select since from asked) = 0 window notes as (partition by worker, asset order by number)
      ) numbered where number <> place or total <> upto`,
  },
];
