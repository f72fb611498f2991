/**
 * The jobs' rows: every change of state is one statement guarded by the fence, so that the holder of an old lease changes
 * nothing, be it a worker that was given up or a server that has lost the database to another one without noticing.
 */
import { eq, inArray } from "drizzle-orm";
import type { Pool } from "pg";
import type { Base } from "../base.ts";
import { jobs } from "../db/schema.ts";
import { storable, toStorableJson } from "../db/storable.ts";
import { scoreUpdate } from "../pool/reputation.ts";
import type { JobInput, JobResult } from "./job.ts";
import type { Timed } from "../prices/service-level.ts";
import type { Loss } from "./attempt-end.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";

type Books = Pick<Base, "db" | "pg">;
/** The pool, or a connection of it inside a transaction. */
type Queries = Pick<Pool, "query">;
export type JobRow = typeof jobs.$inferSelect;

/** A lease lives this long by the database's clock unless it is renewed. */
const LEASE_S = 30;

/** Inserts the row; null when the key is taken. */
export async function insertJob(
  { db }: Books,
  input: Required<JobInput>,
  counted: { promptTokens: number; estimated: boolean; deadlineAt: Date },
): Promise<JobRow | null> {
  const { turns, constraint, sampling, maxTokens, stop, cacheKey, isFree, isPaid, person, askPercentMax } = input;
  const request = { turns, constraint, sampling, maxTokens, stop, cacheKey, isFree, isPaid, person, askPercentMax };
  const rows = await db
    .insert(jobs)
    .values({
      key: input.key,
      owner: input.owner,
      bill: input.bill,
      model: input.model,
      request: { ...request, promptEstimated: counted.estimated },
      deadlineAt: counted.deadlineAt,
      promptTokens: counted.promptTokens,
      usageEstimated: counted.estimated,
      committedTokens: [],
    })
    .onConflictDoNothing({ target: jobs.key })
    .returning();
  return rows[0] ?? null;
}

export async function findJobByKey({ db }: Books, key: string): Promise<JobRow | null> {
  const rows = await db.select().from(jobs).where(eq(jobs.key, key));
  return rows[0] ?? null;
}

/** All jobs that have not ended, oldest first. Bounded by the size of the queue and the workers' slots. */
export async function liveRows({ db }: Books): Promise<JobRow[]> {
  return db
    .select()
    .from(jobs)
    .where(inArray(jobs.state, ["queued", "leased"]))
    .orderBy(jobs.createdAt);
}

/** Models of jobs that are live, or were finished within the last quarter of an hour. */
export async function modelsInUse({ pg }: Books): Promise<string[]> {
  const result = await pg.query<{ model: string }>(`
    select model from jobs where state in ('queued', 'leased')
    union select model from jobs where state = 'done' and finished_at > now() - interval '15 min'`);
  return result.rows.map((row) => row.model);
}

/** Requeues jobs leased by the previous server, which had the database alone. Their workers' late frames carry an old fence. */
export async function requeueOrphans({ pg }: Books): Promise<number> {
  const result = await pg.query(`
    with orphans as (
      update jobs set state = 'queued', worker_id = null, lease_expires_at = null
      where state = 'leased' returning id, fence
    ), ended as (
      update attempts a set ended_at = now(), "end" = 'server_restarted'
      from orphans o where a.job_id = o.id and a.fence = o.fence and a.ended_at is null
    )
    select id from orphans`);
  return result.rowCount ?? 0;
}

/**
 * Requeues and returns rows without a live job: leases that were not renewed, and waiting jobs such as one whose end
 * could not be written. Younger rows are skipped: their live job may just be being created.
 */
export async function takeForgotten(
  { pg, db }: Books,
  { except, models }: { except: readonly string[]; models: readonly string[] },
): Promise<JobRow[]> {
  const result = await pg.query<{ id: string }>(
    `update jobs set state = 'queued', worker_id = null, lease_expires_at = null
     where (state = 'leased' and lease_expires_at < now()
         or state = 'queued' and created_at < now() - make_interval(secs => ${LEASE_S}))
       and id <> all($1::uuid[]) and model = any($2::text[]) returning id`,
    [except, models],
  );
  const ids = result.rows.map((row) => row.id);
  return ids.length === 0 ? [] : db.select().from(jobs).where(inArray(jobs.id, ids));
}

/** A machine's own row, as its first lease makes it. */
export interface MachineRow {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Raises the fence, opens an attempt and stores the machines that work on it, in one order, so that no two leases wait
 * for each other. False when the row has ended or has a higher fence.
 */
export async function leaseRow({ pg }: Books, lease: LiveLease, machines: readonly MachineRow[]): Promise<boolean> {
  const result = await pg.query(
    `with leased as (
       update jobs set state = 'leased', fence = $2, worker_id = $3, lease_expires_at = now() + make_interval(secs => ${LEASE_S})
       where id = $1 and fence < $2 and state in ('queued', 'leased') returning id
     ), known as (
       insert into workers (id, name, version)
       select m.id, m.name, m.version from leased, jsonb_to_recordset($4) as m(id text, name text, version text)
       order by m.id on conflict (id) do nothing
     )
     insert into attempts (job_id, fence, worker_id, members) select id, $2, $3, $5::jsonb from leased`,
    [
      lease.job,
      lease.fence,
      lease.workerId,
      toStorableJson(machines),
      lease.members === null ? null : toStorableJson(lease.members),
    ],
  );
  return result.rowCount === 1;
}

/** Stores what several jobs have committed, in one statement. */
export async function storeCommitted({ pg }: Books, dirty: readonly LiveJob[]): Promise<void> {
  await pg.query(
    `update jobs j set committed_text = d.text, committed_tokens = d.tokens::int[], completion_tokens = d.count,
       usage_estimated = d.estimated, first_token_at = coalesce(j.first_token_at, d.first_token_at)
     from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::int[], $6::bool[], $7::timestamptz[])
       as d(id, fence, text, tokens, count, estimated, first_token_at)
     where j.id = d.id and j.fence = d.fence and j.state in ('queued', 'leased')`,
    [
      dirty.map((job) => job.facts.id),
      dirty.map((job) => job.fence),
      dirty.map((job) => storable(job.text)),
      dirty.map((job) => arrayLiteral(job.tokens)),
      dirty.map((job) => job.completionTokens),
      dirty.map((job) => job.estimated),
      dirty.map(firstTokenAt),
    ],
  );
}

/** Renews all leases at once; returns the jobs that are still ours. */
export async function renewLeases({ pg }: Books, leases: readonly LiveLease[]): Promise<Set<string>> {
  const result = await pg.query<{ id: string }>(
    `update jobs j set lease_expires_at = now() + make_interval(secs => ${LEASE_S})
     from unnest($1::uuid[], $2::int[]) as d(id, fence)
     where j.id = d.id and j.fence = d.fence and j.state = 'leased' returning j.id`,
    [leases.map((lease) => lease.job), leases.map((lease) => lease.fence)],
  );
  return new Set(result.rows.map((row) => row.id));
}

/**
 * Ends an attempt and puts its job back into the queue, unless a newer lease has it already. What the operator decided
 * about the worker stays. The counts of `requeued` make it lock the job before the worker, as finishing does: two orders
 * would be a deadlock.
 */
export async function requeueRow(
  { pg, monotonic }: Books & Pick<Base, "monotonic">,
  job: LiveJob,
  lease: LiveLease,
  { end, blame, isFalse = false }: Loss,
): Promise<void> {
  await pg.query(
    `with requeued as (
       update jobs set state = 'queued', worker_id = null, lease_expires_at = null, committed_text = $7,
         committed_tokens = $8::int[], completion_tokens = $9, usage_estimated = $10
       where id = $1 and fence = $2 and state = 'leased' returning id
     ), ended as (
       update attempts set ended_at = now(), "end" = $4, tokens = $5, is_false = $16, took_ms = $17, level_ms = $18
       where job_id = $1 and fence = $2 and ended_at is null and (select count(*) from requeued) >= 0
     )
     update workers set ${scoreUpdate({ good: "0", bad: "$6::int" })}, failed = failed + $6::int, last_seen_at = now(), failed_in_row = $11, pauses = $12,
       pause_reason = case when banned_at is not null or paused_until = 'infinity' then pause_reason else $14 end,
       paused_until = case when paused_until = 'infinity' then paused_until when $13::float8 > 0 then now() + make_interval(secs => $13::float8) end
     where id = $3 and $15 and (select count(*) from requeued) >= 0`,
    [
      lease.job,
      lease.fence,
      lease.workerId,
      storable(end),
      lease.tokens,
      blame === "fault" ? 1 : 0,
      storable(job.text),
      arrayLiteral(job.tokens),
      job.completionTokens,
      job.estimated,
      lease.record.failedInRow,
      lease.record.pauses,
      lease.record.pausedForMs(monotonic()) / 1_000,
      lease.record.pauseReason === null ? null : storable(lease.record.pauseReason),
      blame !== "none",
      isFalse,
      ...timeOf(lease.timed()),
    ],
  );
}

/** The attempt that finished a job; after a restart its worker may be unknown. */
export interface LastAttempt {
  readonly fence: number;
  readonly workerId: string | null;
  readonly tokens: number;
  readonly timed: Timed | null;
}

/** The finishing statement: the fence in it is what makes a late `done` harmless. False when it changed nothing. */
export async function finishRow(
  connection: Queries,
  job: LiveJob,
  { last, result }: { last: LastAttempt; result: JobResult },
): Promise<boolean> {
  const finished = await connection.query(
    `with finished as (
       update jobs set state = 'done', lease_expires_at = null, committed_text = $4, committed_tokens = $5::int[],
         completion_tokens = $6, usage_estimated = $7, finish_reason = $8, finished_at = now(),
         first_token_at = coalesce(first_token_at, $9::timestamptz)
       where id = $1 and fence = $2 and state in ('leased', 'queued') returning id
     ), ended as (
       update attempts set ended_at = now(), "end" = 'done', tokens = $10, took_ms = $11, level_ms = $12
       where job_id = $1 and fence = $2 and ended_at is null and exists (select from finished)
     ), credited as (
       update workers set ${scoreUpdate({ good: "1", bad: "0" })}, completed = completed + 1, failed_in_row = 0, last_seen_at = now() where id = $3 and exists (select from finished)
     )
     select id from finished`,
    [
      job.facts.id,
      last.fence,
      last.workerId,
      storable(result.text),
      arrayLiteral(job.tokens),
      result.usage.completionTokens,
      result.usage.estimated,
      result.finishReason,
      firstTokenAt(job),
      last.tokens,
      ...timeOf(last.timed),
    ],
  );
  return finished.rowCount === 1;
}

/** Ends a job without a result. Committed tokens are kept for inspection. */
export async function failRow(
  connection: Queries,
  job: LiveJob,
  failure: { state: "failed" | "cancelled"; code: string; message: string },
): Promise<boolean> {
  const failed = await connection.query(
    `with failed as (
       update jobs set state = $2::job_state, lease_expires_at = null, error = $3, finished_at = now(), committed_text = $4,
         committed_tokens = $5::int[], completion_tokens = $6, usage_estimated = $7
       where id = $1 and state in ('queued', 'leased') returning id
     ), ended as (
       update attempts a set ended_at = now(), "end" = $8, tokens = greatest(tokens, $9), took_ms = $10, level_ms = $11
       from failed where a.job_id = failed.id and a.ended_at is null
     )
     select id from failed`,
    [
      job.facts.id,
      failure.state,
      toStorableJson({ code: failure.code, message: failure.message }),
      storable(job.text),
      arrayLiteral(job.tokens),
      job.completionTokens,
      job.estimated,
      failure.code,
      job.phase.kind === "leased" ? job.phase.lease.tokens : 0,
      ...timeOf(job.phase.kind === "leased" ? job.phase.lease.timed() : null),
    ],
  );
  return failed.rowCount === 1;
}

function timeOf(timed: Timed | null): [tookMs: number | null, levelMs: number | null] {
  return [timed?.tookMs ?? null, timed?.levelMs ?? null];
}

/** An array inside an array parameter must be text. Ids are numbers, so nothing needs quoting. */
function arrayLiteral(tokens: readonly number[] | null): string | null {
  return tokens === null ? null : `{${tokens.join(",")}}`;
}

function firstTokenAt(job: LiveJob): Date | null {
  return job.firstTokenMs === null ? null : new Date(job.facts.createdAt + job.firstTokenMs);
}
