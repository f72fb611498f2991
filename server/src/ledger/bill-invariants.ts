/**
 * What must be true between bills and the ledger, in the form of invariants.ts. A bill and its hold are opened in one
 * transaction and closed in one, so that no snapshot shows one without the other.
 */
import type { Invariant } from "./invariants.ts";

/** Bills of today and yesterday, and all that are open; every bill where everything is looked at. */
const LOOKED_AT = `(select * from bills where (select since from asked) = 0 or closed_at is null
  or day > (select (now at time zone 'UTC')::date - 2 from asked)) b`;
/** What the receipt says was paid, by its one form; null where it has another. */
const ON_RECEIPT = `substring(b.receipt from '"amount":"(\\d+)","legs":')::bigint`;

export const BILL_INVARIANTS: readonly Invariant[] = [
  {
    name: "a paid bill has a hold, and both are closed together",
    severity: "page",
    sql: `select format('bill %s: paid with %s, %s; its hold: %s', b.id, b.paid_with,
        case when b.closed_at is null then 'open' else 'closed' end,
        case when h.id is null then 'none' when h.closed_at is null then 'open' else 'closed' end) as what
      from ${LOOKED_AT} left join ledger_holds h on h.id = b.id and h.asset::text = b.paid_with::text
      where b.paid_with in ('stars', 'coin') and (h.id is null or (b.closed_at is null) <> (h.closed_at is null))`,
  },
  {
    name: "a closed bill and its receipt say what was taken for it",
    severity: "halt",
    sql: `select format('bill %s: %s, its receipt %s, taken %s', b.id, b.amount, coalesce(${ON_RECEIPT}::text, 'unreadable'), coalesce(h.used, 0)) as what
      from ${LOOKED_AT} left join ledger_holds h on h.id = b.id
      where b.closed_at is not null and (b.amount <> coalesce(h.used, 0) or ${ON_RECEIPT} is distinct from b.amount)`,
  },
  {
    name: "no bill is open for a day without anything that works on it",
    severity: "page",
    sql: `select format('bill %s: open since %s, and nothing works on it', b.id, b.opened_at) as what
      from bills b, asked where b.closed_at is null and b.opened_at < asked.now - interval '1 day'
        and not exists (select from runs where coalesce(runs.bill, runs.id) = b.id and runs.status = 'running')
        and not exists (select from jobs where jobs.bill = b.id and jobs.state in ('queued', 'leased'))`,
  },
];
