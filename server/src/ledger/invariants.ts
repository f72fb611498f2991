/**
 * What must be true of the books, as queries for what contradicts it. All run in one snapshot, at any time beside
 * running batches: a batch changes everything in one transaction.
 *
 * `asked` has one row: `since`, the number of the last posting that an earlier verification covered (0: look at
 * everything), and `now`.
 */

/** `halt`: money may be wrong, nothing new is granted. `page`: somebody should look; the money is right. */
export type Severity = "halt" | "page";

export interface Invariant {
  readonly name: string;
  readonly severity: Severity;
  /** Has a row for each thing that is wrong, with a sentence in `what`. */
  readonly sql: string;
}

const SINCE = "(select since from asked)";
/** A hold is closed minutes after its answer, so that older days do not change. */
const RECENT_DAYS = `(${SINCE} = 0 or day > (select (now at time zone 'UTC')::date - 2 from asked))`;

export const INVARIANTS: readonly Invariant[] = [
  {
    name: "all balances of an asset sum to zero",
    severity: "halt",
    sql: `select format('%s: the balances sum to %s', asset, sum(balance)) as what
      from ledger_accounts group by asset having sum(balance) <> 0`,
  },
  {
    name: "no account holds more than it has",
    severity: "halt",
    sql: `select format('account %s: balance %s, held %s', id, balance, held) as what
      from ledger_accounts where held < 0 or not signed and balance < held`,
  },
  {
    name: "a balance is the sum of its postings",
    severity: "halt",
    sql: `select format('account %s: balance %s, postings %s', id, balance, posted) as what from (
        select a.id, a.balance,
          coalesce(m.amount, 0) + case when ${SINCE} = 0 then 0 else coalesce(w.balance, 0) end as posted
        from ledger_accounts a left join ledger_watermarks w on w.account = a.id left join (
          select account, sum(amount) as amount from (
            select credit as account, amount from ledger_postings where seq > ${SINCE}
            union all select debit, -amount from ledger_postings where seq > ${SINCE}
          ) sides group by account
        ) m on m.account = a.id
      ) books where balance <> posted`,
  },
  {
    name: "what an account holds is the rest of its open holds",
    severity: "halt",
    sql: `select format('account %s: held %s, open holds %s', a.id, a.held, coalesce(h.rest, 0)) as what
      from ledger_accounts a left join (
        select account, sum(amount - used) as rest from ledger_holds where closed_at is null group by account
      ) h on h.account = a.id where a.held <> coalesce(h.rest, 0)`,
  },
  {
    name: "what was used of a hold is the sum of its legs, at most its amount",
    severity: "halt",
    sql: `select format('hold %s: used %s of %s, legs %s', coalesce(h.id, l.hold), h.used, h.amount, coalesce(l.used, 0)) as what
      from (select id, amount, used from ledger_holds where opened_after >= ${SINCE}) h full join (
        select hold, sum(case when reverses is null then amount else -amount end) as used
        from ledger_postings where seq > ${SINCE} and hold is not null group by hold
      ) l on l.hold = h.id
      where h.used <> coalesce(l.used, 0) or h.used > h.amount
        or h.id is null and not exists (select from ledger_holds older where older.id = l.hold)`,
  },
  {
    name: "one key is one effect of one asset",
    severity: "halt",
    sql: `select format('key %s: %s parameters, %s assets', key, count(distinct params), count(distinct asset)) as what
      from ledger_postings where seq > ${SINCE} group by key
      having count(distinct params) > 1 or count(distinct asset) > 1`,
  },
  {
    name: "no hold is open five minutes past its end",
    severity: "page",
    sql: `select format('hold %s: open, though its end was %s', id, expires_at) as what
      from ledger_holds, asked where closed_at is null and expires_at < asked.now - interval '5 min'`,
  },
  {
    name: "a day's spending is that of its holds",
    severity: "page",
    sql: `select format('%s on %s: spent %s and held %s, holds %s and %s', owner, day, d.spent, d.held, c.spent, c.held) as what
      from (select * from spend_days where ${RECENT_DAYS}) d full join (
        select owner, asset, day, sum(used) as spent,
          coalesce(sum(amount - used) filter (where closed_at is null), 0) as held
        from ledger_holds cross join lateral jsonb_array_elements_text(cap_owners) as owner
        where ${RECENT_DAYS} group by owner, asset, day
      ) c using (owner, asset, day)
      where coalesce(d.spent, 0) <> coalesce(c.spent, 0) or coalesce(d.held, 0) <> coalesce(c.held, 0)`,
  },
];
