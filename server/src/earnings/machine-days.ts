/** The last 24 hours of each of a person's machines: how long it was there, what it did, and why others got the rest. */
import type pg from "pg";
import { WhyNot } from "@starai/protocol/contributor";
import type { MachineDay } from "@starai/protocol/contributor";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** A share of less than this would be a share of nothing. */
const SPAN_MIN_S = 60;
const PERCENT = 100;

interface DayRow extends Pick<MachineDay, "jobs" | "failed" | "earned"> {
  readonly worker: string;
  readonly paired_at: Date;
  readonly online_s: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** By worker; one that nothing is known of is not in it. Hours from before it was theirs are somebody else's. */
export async function readDays(
  pg: Pick<pg.Pool, "query">,
  person: string,
  now: number,
): Promise<ReadonlyMap<string, MachineDay>> {
  const from = (Math.floor(now / HOUR_MS) - DAY_HOURS + 1) * HOUR_MS;
  const { rows } = await pg.query<DayRow>(
    `with hours as (
       select h.*, b.paired_at from worker_bindings b join worker_hours h on h.worker = b.worker
       where b.person = $1 and h.hour >= $2 and h.hour > b.paired_at - interval '1 hour'
     ), reasons as (
       select worker, key as why, sum(value::int)::int as count from hours, jsonb_each_text(skipped) group by worker, key
     )
     select worker, paired_at, sum(online_s)::float8 as online_s, sum(jobs)::int as jobs, sum(failed)::int as failed,
       sum(earned)::text as earned,
       (select coalesce(jsonb_object_agg(why, count), '{}') from reasons r where r.worker = h.worker) as skipped
     from hours h group by worker, paired_at`,
    [person, new Date(from)],
  );
  return new Map(rows.map((row) => [row.worker, dayOf(row, { from, now })]));
}

export const NO_DAY: MachineDay = { uptime: 0, jobs: 0, failed: 0, earned: "0", skipped: [] };

function dayOf(
  { paired_at, online_s, skipped, jobs, failed, earned }: DayRow,
  { from, now }: { from: number; now: number },
): MachineDay {
  const paired = Math.floor(paired_at.getTime() / HOUR_MS) * HOUR_MS;
  const spanS = Math.max(SPAN_MIN_S, (now - Math.max(from, paired)) / 1_000);
  // In whole percent: whoever looks on is not asked to look again by the time that passes.
  const uptime = Math.round(Math.min(1, online_s / spanS) * PERCENT) / PERCENT;
  return { uptime, jobs, failed, earned, skipped: reasonsOf(skipped) };
}

/** Reasons of other versions are left out. */
function reasonsOf(skipped: DayRow["skipped"]): MachineDay["skipped"] {
  return Object.entries(skipped)
    .flatMap(([key, count]) => {
      const why = WhyNot.safeParse(key);
      return why.success && count > 0 ? [{ why: why.data, count }] : [];
    })
    .sort((one, other) => other.count - one.count);
}
