/**
 * Stores what the pool saw of its workers, by hours, and deletes what is older than ninety days. Workers that are nobody's
 * and never did anything have no rows: keys cost nothing.
 */
import { lt, sql } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import { guarded } from "@starai/protocol/guarded";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { workerHours } from "../db/schema.ts";
import type { PoolContext } from "./context.ts";
import type { HourCounts } from "./worker-hours.ts";

const STORE_MS = 60_000;
const KEPT_MS = 90 * 24 * 3_600_000;

type Parts = Pick<PoolContext, "db" | "clock" | "monotonic" | "health" | "log" | "registry">;

/** Records until stopped; stopping stores what is counted so far. */
export function recordHours(ctx: Parts): { stop(): Promise<void> } {
  const recorder = new HourRecorder(ctx);
  const store = () =>
    recorder.store().catch((error: unknown) => {
      if (!ctx.health.noticed(error)) ctx.log.warn({ err: error }, "what workers did was not stored; trying again");
    });
  const look = () => recorder.look();
  const timers = [
    setInterval(guarded(ctx.log, "a look at the workers", look), EARNING_TERMS.lookMs),
    setInterval(guarded(ctx.log, "storing what workers did", store), STORE_MS),
  ];
  for (const timer of timers) timer.unref();
  return {
    stop: async () => {
      timers.forEach(clearInterval);
      await store();
    },
  };
}

export class HourRecorder {
  readonly #ctx: Parts;
  #lookedAt: number;

  constructor(ctx: Parts) {
    this.#ctx = ctx;
    this.#lookedAt = ctx.monotonic();
  }

  /** Counts the time since the last look for whoever is here now, and why jobs were not given to them. */
  look(): void {
    const { registry, monotonic } = this.#ctx;
    const now = monotonic();
    const sinceMs = now - this.#lookedAt;
    this.#lookedAt = now;
    const workers = registry.connectedWorkers();
    for (const { id, joinedAt } of workers) registry.hours.of(id).onlineMs += Math.min(sinceMs, now - joinedAt);
    const standingOf = registry.standingOf.bind(registry);
    registry.skipped.count(workers, { standingOf: (worker) => standingOf(worker, now), now }, ({ id }, why, count) =>
      registry.hours.skipped(id, why, count),
    );
  }

  /** A minute that spans two hours counts for the one it ends in. */
  async store(): Promise<void> {
    const { registry, clock, db } = this.#ctx;
    const now = clock();
    const taken = registry.hours.take(now);
    try {
      if (taken.size > 0) await storeCounts(db, { taken, now, temperatureOf: (id) => registry.get(id)?.temperatureC });
    } catch (error) {
      registry.hours.putBack(taken);
      throw error;
    }
    await storeEarnings(db, now);
  }
}

export async function pruneHours({ db, clock }: Pick<Base, "db" | "clock">): Promise<void> {
  await db.delete(workerHours).where(lt(workerHours.hour, new Date(clock() - KEPT_MS)));
}

interface Taken {
  readonly taken: ReadonlyMap<string, HourCounts>;
  /** Wall time. */
  readonly now: number;
  readonly temperatureOf: (worker: string) => number | null | undefined;
}

async function storeCounts(db: Executor, { taken, now, temperatureOf }: Taken): Promise<void> {
  const rows = [...taken].map(([worker, counts]) => ({
    worker,
    online: Math.round(counts.onlineMs / 1_000),
    jobs: counts.jobs,
    failed: counts.failed,
    tokens: counts.tokens,
    rate: counts.measuredMs > 0 ? (counts.measuredTokens / counts.measuredMs) * 1_000 : null,
    skipped: Object.fromEntries(counts.skipped),
    temperature: temperatureOf(worker) ?? null,
  }));
  await db.execute(sql`
    insert into worker_hours as h (worker, hour, online_s, jobs, failed, tokens, tokens_per_s, skipped, temperature_c)
    select r.worker, date_trunc('hour', ${new Date(now)}::timestamptz), r.online, r.jobs, r.failed, r.tokens, r.rate,
      r.skipped, r.temperature
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(worker text, online int, jobs int, failed int,
      tokens bigint, rate numeric, skipped jsonb, temperature int)
    where exists (select from workers w where w.id = r.worker)
      or exists (select from worker_bindings b where b.worker = r.worker)
    on conflict (worker, hour) do update set
      online_s = least(3600, h.online_s + excluded.online_s), jobs = h.jobs + excluded.jobs,
      failed = h.failed + excluded.failed, tokens = h.tokens + excluded.tokens,
      tokens_per_s = case
        when excluded.tokens_per_s is null then h.tokens_per_s
        when h.tokens_per_s is null or h.tokens + excluded.tokens = 0 then excluded.tokens_per_s
        else (h.tokens_per_s * h.tokens + excluded.tokens_per_s * excluded.tokens) / (h.tokens + excluded.tokens) end,
      temperature_c = coalesce(excluded.temperature_c, h.temperature_c),
      skipped = (select coalesce(jsonb_object_agg(key, count), '{}') from (
        select key, sum(value::int) as count from (
          select * from jsonb_each_text(h.skipped) union all select * from jsonb_each_text(excluded.skipped)) both_
        group by key) summed)`);
}

/** By its credit notes of this hour and the one before, since an answer's notes are written at its end. */
async function storeEarnings(db: Executor, now: number): Promise<void> {
  await db.execute(sql`
    insert into worker_hours (worker, hour, earned)
    select worker, date_trunc('hour', at), sum(amount) from credit_notes
    where asset = 'coin' and at >= date_trunc('hour', ${new Date(now)}::timestamptz) - interval '1 hour'
    group by 1, 2
    on conflict (worker, hour) do update set earned = excluded.earned where worker_hours.earned <> excluded.earned`);
}
