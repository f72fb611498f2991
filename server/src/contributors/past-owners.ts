/**
 * Whoever gives a machine away answers with their stake for what it did while it was theirs. So who had it is kept, with
 * the wallets they had that were ever staked, for as long as jobs are, which is what a slash can be about.
 */
import { lt, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { pastOwners } from "../db/schema.ts";

/** Takes the machines from whoever has them: they are nobody's then. Returns how many. @param which  of worker_bindings */
export async function takeMachines(tx: Pick<Executor, "execute">, which: SQL): Promise<number> {
  const { rows } = await tx.execute<{ machines: number }>(
    sql`with old as (
          select worker, person, paired_at from worker_bindings where person is not null and ${which} for update),
        taken as (
          update worker_bindings b set person = null from old where b.worker = old.worker),
        kept as (
          insert into past_owners (worker, wallet, since, until)
          select distinct o.worker, w.address, o.paired_at, now() from old o join wallets w on w.person = o.person
          -- Each that is kept is looked at on the chain: wallets without an account there would be a load that costs nothing.
          where exists (select from contributor_stakes s where s.wallet = w.address)
          on conflict do nothing)
        select count(*)::int as machines from old`,
  );
  return rows[0]!.machines;
}

export async function forgetPastOwners({ db }: Pick<Base, "db">, olderThan: Date): Promise<void> {
  await db.delete(pastOwners).where(lt(pastOwners.until, olderThan));
}
