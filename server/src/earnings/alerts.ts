/**
 * What owners of machines are told by the bot without having asked: a machine is away, pay is ready, a slash was proposed or is over,
 * a new version is out. Each is told once: the notice itself says that it was.
 */
import { sql } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import { isOutdated, versionOf } from "@starai/protocol/worker-version";
import type { ChainContext } from "../chain/context.ts";
import { repeat } from "../chain/repeat.ts";
import { CHECKOUT, WorkerArchive } from "../join/worker-archive.ts";
import { storeNotice } from "../notices/store-notice.ts";
import type { NewNotice } from "../notices/store-notice.ts";
import type { PoolContext } from "../pool/context.ts";
import { slashedPerson } from "./slash-evidence.ts";

const LOOK_MS = 60_000;
/** Machines restart, and lines break, without anybody's having to know. */
const AWAY_MS = 10 * 60_000;
/** What was away before that, or happened then, is no news. */
const NEWS_MS = 24 * 60 * 60_000;
/** Notices of one kind at a look; the next look tells the rest. */
const AT_ONCE = 200;

type Parts = Pick<PoolContext, "changes" | "clock" | "db" | "registry">;

/** Looks every minute until it is stopped. */
export function watchAlerts(ctx: Parts & Pick<ChainContext, "log" | "health">): { stop(): Promise<void> } {
  const upSince = new Date(ctx.clock());
  // Without an archive nothing new can be fetched by `/join`, which says why: the numbers still tell clones.
  const version = new WorkerArchive(CHECKOUT).get().then(
    (archive) => archive.version,
    () => versionOf(null),
  );
  const looks = repeat(ctx, { what: "owners of machines are told what happened", everyMs: LOOK_MS }, async () =>
    tellOwners(ctx, { upSince, version: await version }),
  );
  return { stop: () => looks.stop() };
}

/**
 * @param upSince  when this server began: who could not be connected before is not away for that
 * @param version  of the worker that this server hands out
 */
export async function tellOwners(ctx: Parts, { upSince, version }: { upSince: Date; version: string }): Promise<void> {
  await noteWhoIsThere(ctx);
  const now = ctx.clock();
  const news = [
    ...(now - upSince.getTime() < AWAY_MS ? [] : await awayMachines(ctx, now)),
    ...(await readyClaims(ctx)),
    ...(await proposedSlashes(ctx, now)),
    ...(await endedSlashes(ctx, now)),
    ...(await oldVersions(ctx, version)),
  ];
  for (const notice of news) await storeNotice(ctx.db, notice);
  if (news.length > 0) ctx.changes.emit("bot", { type: "notices" });
}

/** So that an absence has a beginning, also after this server was away itself. */
async function noteWhoIsThere({ db, registry, clock }: Parts): Promise<void> {
  const there = registry.connectedWorkers().map(({ id }) => id);
  if (there.length === 0) return;
  await db.execute(sql`
    update workers w set last_seen_at = ${new Date(clock())}, said_goodbye_at = null from worker_bindings b
    where b.worker = w.id and b.person is not null and w.id = any(${sql.param(there)})`);
}

/** One that said goodbye rests by its owner's own limits, or was stopped by hand. */
async function awayMachines({ db }: Parts, now: number): Promise<NewNotice[]> {
  const { rows } = await db.execute<{ event: string; person: string; name: string; since: Date }>(sql`
    select * from (
      select 'machine offline ' || w.id || ' ' || extract(epoch from w.last_seen_at)::text as event,
        b.person, w.name, w.last_seen_at as since
      from worker_bindings b join workers w on w.id = b.worker
      where b.person is not null and w.banned_at is null and w.said_goodbye_at is null
        and w.last_seen_at between ${new Date(now - NEWS_MS)} and ${new Date(now - AWAY_MS)}
    ) away where not exists (select from notices n where n.event = away.event)
    order by since limit ${AT_ONCE}`);
  return rows.map(({ event, person, name, since }) => ({
    event,
    person,
    params: { kind: "machine_offline", name, since: new Date(since).toISOString() },
  }));
}

/** Once an epoch that has a root, from where a claim is worth what it costs. */
async function readyClaims({ db }: Parts): Promise<NewNotice[]> {
  const { rows } = await db.execute<{ event: string; person: string; amount: string; epoch: number }>(sql`
    select * from (
      select 'claim ready ' || w.address || ' ' || e.number as event, w.person, a.balance::text as amount, e.number as epoch
      from (
        select number, state from epochs where state <> 'active' or root is not null order by number desc limit 1
      ) e, wallets w
        join ledger_accounts a
          on a.asset = 'coin' and a.kind = 'earner' and a.owner = 'wallet:' || split_part(w.address, ':', 2)
      where e.state = 'active' and w.state = 'bound' and a.balance >= ${EARNING_TERMS.claimFrom}
    ) ready where not exists (select from notices n where n.event = ready.event)
    order by event limit ${AT_ONCE}`);
  return rows.map(({ event, person, amount, epoch }) => ({
    event,
    person,
    params: { kind: "claim_ready", amount, epoch },
  }));
}

const SLASHED = sql.raw(slashedPerson("p"));

async function proposedSlashes({ db }: Parts, now: number): Promise<NewNotice[]> {
  const { rows } = await db.execute<{ event: string; person: string; amount: string; reason: string }>(sql`
    select * from (
      select 'slash proposed ' || p.id as event, ${SLASHED} as person, p.amount::text as amount, p.reason
      from slash_proposals p
      where p.state = 'proposed' and p.shown_at > ${new Date(now - NEWS_MS)}
    ) proposed where person is not null and not exists (select from notices n where n.event = proposed.event)
    order by event limit ${AT_ONCE}`);
  return rows.map(({ event, person, amount, reason }) => ({
    event,
    person,
    params: { kind: "slash_proposed", amount, reason: reason.slice(0, REASON_CHARS_MAX) },
  }));
}

const REASON_CHARS_MAX = 1_000;

async function endedSlashes({ db }: Parts, now: number): Promise<NewNotice[]> {
  type Outcome = "cancelled" | "executed" | "expired";
  const { rows } = await db.execute<{ event: string; person: string; amount: string; outcome: Outcome }>(sql`
    select * from (
      select 'slash ended ' || p.id as event, ${SLASHED} as person, p.amount::text as amount, p.state as outcome
      from slash_proposals p
      where p.state <> 'proposed' and p.ended_at > ${new Date(now - NEWS_MS)}
    ) ended where person is not null and not exists (select from notices n where n.event = ended.event)
    order by event limit ${AT_ONCE}`);
  return rows.map(({ event, person, amount, outcome }) => ({
    event,
    person,
    params: { kind: "slash_ended", amount, outcome },
  }));
}

/** Once a person and version, of the machines that are connected: of others nobody knows what they will come back with. */
async function oldVersions({ db, registry }: Parts, version: string): Promise<NewNotice[]> {
  const old = registry.connectedWorkers().filter(({ facts }) => isOutdated(facts.version, version));
  if (old.length === 0) return [];
  const { rows } = await db.execute<{ event: string; person: string; machines: number }>(sql`
    select * from (
      select 'worker update ' || b.person || ' ' || ${version}::text as event, b.person, count(*)::int as machines
      from worker_bindings b where b.person is not null and b.worker = any(${sql.param(old.map(({ id }) => id))})
      group by b.person
    ) old where not exists (select from notices n where n.event = old.event)
    order by event limit ${AT_ONCE}`);
  return rows.map(({ event, person, machines }) => ({
    event,
    person,
    params: { kind: "worker_update", version, machines },
  }));
}
