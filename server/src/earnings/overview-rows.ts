/** What the tables say of a contributor, each in one statement. Amounts are decimal texts of nano units. */
import type pg from "pg";
import type { EarningHour, EpochLineView, SlashView } from "@starai/protocol/contributor";
import { evidenceHash, slashedPerson } from "./slash-evidence.ts";

type Asks = Pick<pg.Pool, "query">;

/** As many as can be paired with one person. */
const MACHINES_MAX = 100;
const LINES_MAX = 50;
const SLASHES_MAX = 20;
export const HOURS_SHOWN = 48;
const HOUR_MS = 3_600_000;
/** A share of less than this would be a share of nothing. */
const HOUR_BEGUN_S = 60;

/** The person's bound wallet with what the chain and the books say of it. */
export interface OwnerRow {
  readonly address: string;
  readonly account: string | null;
  readonly stake: string;
  readonly unbonding: string;
  readonly unbond_at: Date | null;
  readonly claimed: string;
  readonly disputed: string;
  readonly seen_at: Date | null;
  /** In its leaf and not claimed yet. */
  readonly claimable: string;
  /** The part of it that is in the open root. */
  readonly claimable_now: string;
}

export async function readOwner(pg: Asks, person: string): Promise<OwnerRow | null> {
  const { rows } = await pg.query<OwnerRow>(
    `select w.address, s.account, coalesce(s.stake, 0)::text as stake, coalesce(s.unbonding, 0)::text as unbonding,
       s.unbond_at, coalesce(s.claimed, 0)::text as claimed, coalesce(s.disputed, 0)::text as disputed, s.seen_at,
       greatest(coalesce(a.balance, 0), 0)::text as claimable,
       greatest(coalesce(a.balance, 0) - (
         select coalesce(sum(l.released), 0) from epoch_lines l where l.wallet = w.address and not l.to_move
           and l.epoch > (select coalesce(max(number), 0) from epochs where state = 'active' and root is not null)
       ), 0)::text as claimable_now
     from wallets w
       left join contributor_stakes s on s.wallet = w.address
       left join ledger_accounts a
         on a.asset = 'coin' and a.kind = 'earner' and a.owner = 'wallet:' || split_part(w.address, ':', 2)
     where w.person = $1 and w.state = 'bound'`,
    [person],
  );
  return rows[0] ?? null;
}

export interface MachineRow {
  readonly worker: string;
  readonly paired_at: Date;
  /** Null until its first job. */
  readonly name: string | null;
  readonly version: string | null;
  readonly last_seen_at: Date | null;
  /** Everything on its own account. */
  readonly balance: string;
  /** The part of it that the last closing that did something for it left there. */
  readonly held: string;
  /** Earned in answers of Stars and not turned into coins yet. */
  readonly stars: string;
}

export async function readMachines(pg: Asks, person: string): Promise<MachineRow[]> {
  const { rows } = await pg.query<MachineRow>(
    `select b.worker, b.paired_at, w.name, w.version, w.last_seen_at,
       coalesce(a.balance, 0)::text as balance, least(coalesce(l.held, 0), coalesce(a.balance, 0))::text as held,
       coalesce(s.balance, 0)::text as stars
     from worker_bindings b
       left join workers w on w.id = b.worker
       left join ledger_accounts a on a.asset = 'coin' and a.kind = 'earner' and a.owner = 'worker:' || b.worker
       left join ledger_accounts s on s.asset = 'stars' and s.kind = 'earner' and s.owner = 'worker:' || b.worker
       left join lateral (
         select held from epoch_lines where worker = b.worker order by epoch desc limit 1
       ) l on true
     where b.person = $1 order by b.paired_at, b.worker limit ${MACHINES_MAX}`,
    [person],
  );
  return rows;
}

/** The oldest first, the hours of nothing among them. Hours from before a machine was theirs are somebody else's. */
export async function readHours(pg: Asks, person: string, now: number): Promise<EarningHour[]> {
  const newest = Math.floor(now / HOUR_MS) * HOUR_MS;
  const { rows } = await pg.query<Omit<EarningHour, "hour"> & { hour: Date }>(
    `select at as hour, coalesce(sum(h.earned), 0)::text as earned, coalesce(sum(h.jobs), 0)::int as jobs,
       coalesce(sum(h.failed), 0)::int as failed, coalesce(sum(h.tokens), 0)::float8 as tokens,
       least(1, coalesce(max(h.online_s), 0)::float8 / case when at = $3 then $4::float8 else 3600 end) as uptime
     from generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') as at
       left join (
         select h.* from worker_bindings b join worker_hours h on h.worker = b.worker
         where b.person = $1 and h.hour >= $2 and h.hour > b.paired_at - interval '1 hour'
       ) h on h.hour = at
     group by at order by at`,
    [
      person,
      new Date(newest - (HOURS_SHOWN - 1) * HOUR_MS),
      new Date(newest),
      Math.max(HOUR_BEGUN_S, (now - newest) / 1_000),
    ],
  );
  return rows.map(({ hour, ...row }) => ({ hour: hour.toISOString(), ...row }));
}

/** The newest first: what went to their wallet, and what waits on their machines. */
export async function readLines(pg: Asks, person: string): Promise<EpochLineView[]> {
  const { rows } = await pg.query<Omit<EpochLineView, "closedAt"> & { closedAt: Date }>(
    `select l.epoch, e.closed_at as "closedAt", e.state, l.worker, coalesce(w.name, left(l.worker, 8)) as name,
       l.earned::text as earned, l.availability::text as availability, l.released::text as released,
       l.held::text as held
     from epoch_lines l join epochs e on e.number = l.epoch left join workers w on w.id = l.worker
     where e.state <> 'closing' and (
       l.wallet = (select address from wallets where person = $1 and state = 'bound')
       or (l.wallet is null and l.worker in (select worker from worker_bindings where person = $1)))
     order by l.epoch desc, l.worker limit ${LINES_MAX}`,
    [person],
  );
  return rows.map(({ closedAt, ...row }) => ({ ...row, closedAt: closedAt.toISOString() }));
}

/** The newest first. */
export async function readSlashes(pg: Asks, person: string): Promise<SlashView[]> {
  type Dates = { createdAt: Date; endedAt: Date | null; disputedUntil: Date | null };
  const { rows } = await pg.query<Omit<SlashView, keyof Dates> & Dates>(
    `select p.id, p.amount::text as amount, p.reason, p.state, p.created_at as "createdAt", p.ended_at as "endedAt",
       case when p.state = 'proposed' then s.disputed_until end as "disputedUntil", ${evidenceHash("p")} as "evidenceHash"
     from slash_proposals p left join contributor_stakes s on s.wallet = p.wallet
     where p.wallet in (select address from wallets where person = $1) and p.shown_at is not null
       and $1 = ${slashedPerson("p")} order by p.created_at desc limit ${SLASHES_MAX}`,
    [person],
  );
  return rows.map(({ createdAt, endedAt, disputedUntil, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    disputedUntil: disputedUntil?.toISOString() ?? null,
  }));
}
