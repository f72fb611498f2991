/**
 * Credit notes: what a worker really got for a job, written in the transaction that decides it. What it got is read from
 * the postings themselves: captured, given back, paid out of the reserve or the promotion. So the notes of a worker add up
 * to what was ever put on its account for its work, and a worker that keeps them can prove its leaf.
 */
import type { PoolClient } from "pg";
import type { MoneyContext } from "./context.ts";
import type { MoneyTransaction } from "./money-transaction.ts";

/** An effect of the ledger by which a job's workers may have got or lost something, under its key. */
export interface CreditedEffect {
  readonly key: string;
  readonly job: string;
}

/** Writes them, and tells whoever sends notes once they are stored. Call it last: rows of the ledger are locked before these. */
export async function writeNotes(
  { credited }: Pick<MoneyContext, "credited">,
  { client, afterCommit }: MoneyTransaction,
  effects: readonly CreditedEffect[],
): Promise<void> {
  const workers = await insertNotes(client, effects);
  if (workers.length > 0) afterCommit(() => credited.tell(workers));
}

/**
 * One note for each worker and job, numbered without a gap by the workers' totals, whose rows are locked in the order of
 * their keys, so that no two bills wait for each other. A job that has its note gets no other one.
 * @returns the workers that got some
 */
export async function insertNotes(
  client: Pick<PoolClient, "query">,
  effects: readonly CreditedEffect[],
): Promise<string[]> {
  if (effects.length === 0) return [];
  const values = [effects.map(({ key }) => key), effects.map(({ job }) => job)];
  const { rows } = await client.query<{ worker: string }>({ name: "credit-notes", text: INSERT, values });
  return [...new Set(rows.map(({ worker }) => worker))];
}

const INSERT = `
  with effects as (
    select key, job, place from unnest($1::uuid[], $2::uuid[]) with ordinality as e(key, job, place)
  ), legs as (
    select e.job, e.place, p.credit as account, p.amount from effects e join ledger_postings p on p.key = e.key
    union all select e.job, e.place, p.debit, -p.amount from effects e join ledger_postings p on p.key = e.key
  ), credits as (
    select substr(a.owner, 8) as worker, a.asset, l.job, sum(l.amount) as amount, min(l.place) as place
    from legs l join ledger_accounts a on a.id = l.account and a.kind = 'earner' and a.owner like 'worker:%'
    group by a.owner, a.asset, l.job having sum(l.amount) > 0
  ), due as (
    select * from credits c where not exists (
      select from credit_notes n where n.worker = c.worker and n.asset = c.asset and n.job = c.job)
  ), totals as (
    insert into credit_totals as t (worker, asset, notes, total, first_epoch)
    select worker, asset, count(*), sum(amount), (select coalesce(max(number), 0) + 1 from epochs)
    from due group by worker, asset order by worker, asset
    on conflict (worker, asset) do update set notes = t.notes + excluded.notes, total = t.total + excluded.total
    returning worker, asset, notes, total
  )
  insert into credit_notes (worker, asset, number, job, amount, total)
  select worker, asset, t.notes - count(*) over worker + row_number() over jobs, d.job, d.amount,
    t.total - sum(d.amount) over worker + sum(d.amount) over jobs
  from due d join totals t using (worker, asset)
  window worker as (partition by worker, asset), jobs as (partition by worker, asset order by d.place, d.job)
  returning worker`;
