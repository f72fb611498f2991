/** How a machine did in the last seven days, for its owner: what went wrong, what slowness cost, and the score that follows. */
import { and, eq } from "drizzle-orm";
import type { MachineRecord, WhyLost } from "@starai/protocol/contributor";
import { workerBindings, workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { whyLost } from "../jobs/why-lost.ts";
import type { PoolContext } from "../pool/context.ts";
import { storedScore } from "../pool/reputation.ts";
import { WITHHELD_MAX } from "../prices/service-level.ts";

type Parts = Pick<PoolContext, "clock" | "db" | "pg">;

const SPAN_MS = 7 * 24 * 3_600_000;
/** An answer in a minute, day and night; of busier machines, and of all groups, the newest, so that nobody's look costs more. */
const ATTEMPTS_MAX = 10_000;
/** By the weights that each member computed, as their pay is divided. */
const OWN_PART = `(
  select coalesce(sum((member ->> 'work')::float8) filter (where member ->> 'worker' = $1)
    / nullif(sum((member ->> 'work')::float8), 0), 0)
  from jsonb_array_elements(members) member)`;
/** There are thirty words, and some with a number in them. */
const WORDS_MAX = 200;

/** @throws Refusal `not_found` for somebody else's machine */
export async function machineRecord(
  ctx: Parts,
  { person, worker }: { person: string; worker: string },
): Promise<MachineRecord> {
  const [binding] = await ctx.db
    .select({ pairedAt: workerBindings.pairedAt })
    .from(workerBindings)
    .where(and(eq(workerBindings.worker, worker), eq(workerBindings.person, person)));
  if (binding === undefined) throw new Refusal("not_found", "This machine is not yours, or not any more.");
  const since = new Date(Math.max(ctx.clock() - SPAN_MS, binding.pairedAt.getTime()));
  const [ends, score] = await Promise.all([readEnds(ctx, worker, since), readScore(ctx, worker)]);
  const paid = sumOf(ends, "paid");
  return {
    attempts: sumOf(ends, "count"),
    done: sumOf(
      ends.filter(({ end }) => end === "done"),
      "count",
    ),
    lost: lostOf(ends),
    slow: { attempts: sumOf(ends, "slow"), withheld: paid === 0 ? 0 : sumOf(ends, "withheld") / paid },
    score,
  };
}

/** Attempts that ended alike. */
interface Ends {
  /** Up to the colon that a worker's own words follow. */
  readonly end: string;
  readonly count: number;
  /** Those that took longer than the service level. */
  readonly slow: number;
  /** Tokens that are paid for, and the part of them that was not for being slow: as `withheldOf` has it. */
  readonly paid: number;
  readonly withheld: number;
}

/**
 * What it did alone or as a group's head, and what it held layers for; each counts by the part of the work that was its
 * own. Walks two indexes backwards, that of the worker's attempts and that of all groups'.
 */
async function readEnds({ pg }: Parts, worker: string, since: Date): Promise<Ends[]> {
  const { rows } = await pg.query<Ends>(
    `select case when "end" like 'false frame:%' or "end" not like '%:%' then "end" else split_part("end", ':', 1) || ':' end
         as "end", count(*)::int as count, coalesce(sum(own) filter (where not is_false), 0)::float8 as paid,
       count(*) filter (where is_slow)::int as slow,
       coalesce(sum(own * least(1, (took_ms - level_ms)::float8 / level_ms)) filter (where is_slow), 0)
         * ${WITHHELD_MAX} as withheld
     from (
       select *, not is_false and tokens > 0 and level_ms > 0 and took_ms > level_ms as is_slow,
         tokens * case when members is null then 1 else ${OWN_PART} end as own
       from (
         (select * from attempts where worker_id = $1 and started_at >= $2 order by started_at desc limit ${ATTEMPTS_MAX})
         union all
         select * from (
           select * from attempts where members is not null and started_at >= $2
           order by started_at desc limit ${ATTEMPTS_MAX}
         ) of_groups where worker_id <> $1 and members @> jsonb_build_array(jsonb_build_object('worker', $1::text))
       ) of_machine order by started_at desc limit ${ATTEMPTS_MAX}
     ) newest
     where "end" is not null group by 1 order by count(*) desc, 1 limit ${WORDS_MAX}`,
    [worker, since],
  );
  return rows;
}

/** Null until it did something. */
async function readScore({ db }: Parts, worker: string): Promise<number | null> {
  const [score] = await db.select(storedScore).from(workers).where(eq(workers.id, worker));
  const { good, bad } = score ?? { good: 0, bad: 0 };
  return good + bad > 0 ? good / (good + bad) : null;
}

function lostOf(ends: readonly Ends[]): MachineRecord["lost"] {
  const counts = new Map<WhyLost, number>();
  for (const { end, count } of ends) {
    const why = whyLost(end);
    if (why !== null) counts.set(why, (counts.get(why) ?? 0) + count);
  }
  return [...counts].map(([why, count]) => ({ why, count })).sort((one, other) => other.count - one.count);
}

function sumOf(ends: readonly Ends[], name: Exclude<keyof Ends, "end">): number {
  return ends.reduce((sum, one) => sum + one[name], 0);
}
