/** Counts a lost lease against the machine of a group that caused it, as against a worker that lost its own. */
import { scoreUpdate } from "../reputation.ts";
import { storable } from "../../db/storable.ts";
import type { ConnectedWorker } from "../connected-worker.ts";
import { tellPause } from "../tell-pause.ts";
import type { GroupParts } from "./group-parts.ts";

export async function chargeFault(ctx: GroupParts, worker: ConnectedWorker, end: string): Promise<void> {
  const { record, facts, sender } = worker;
  const now = ctx.monotonic();
  ctx.registry.hours.of(worker.id).failed++;
  const pause = record.faulted(end, now);
  if (pause) tellPause(ctx, { name: facts.name, record, sender }, pause);
  try {
    // A machine that only ever held layers may have no row yet. What the operator decided about it stays.
    await ctx.pg.query("insert into workers (id, name, version) values ($1, $2, $3) on conflict (id) do nothing", [
      worker.id,
      facts.name,
      facts.version,
    ]);
    await ctx.pg.query(
      `update workers set ${scoreUpdate({ good: "0", bad: "1" })}, failed = failed + 1, failed_in_row = $2, pauses = $3,
         pause_reason = case when banned_at is not null or paused_until = 'infinity' then pause_reason else $5 end,
         paused_until = case when paused_until = 'infinity' then paused_until when $4::float8 > 0 then now() + make_interval(secs => $4::float8) end
       where id = $1`,
      [
        worker.id,
        record.failedInRow,
        record.pauses,
        record.pausedForMs(now) / 1_000,
        record.pauseReason === null ? null : storable(record.pauseReason),
      ],
    );
  } catch (error) {
    if (!ctx.health.noticed(error)) ctx.log.warn({ err: error }, "a fault in a group could not be written down");
  }
}
