/**
 * The day's chore: deletes what has been kept long enough, settles what was set aside for losses, and moves coins to
 * where the books need them. Every hour the server looks whether the chore is due; an
 * advisory lock keeps two servers on one database from doing it at the same time. Doing it twice a day, as after a
 * restart, does nothing more, so nobody has to remember across restarts when it was done.
 */
import { and, isNotNull, lt, sql } from "drizzle-orm";
import { guarded } from "@starai/protocol/guarded";
import { settleLosses } from "./billing/settle-losses.ts";
import type { ChainContext } from "./chain/context.ts";
import { forgetPairingCodes } from "./contributors/pairing-codes.ts";
import { forgetPastOwners } from "./contributors/past-owners.ts";
import { freeAnswers, notices, sessions, updates } from "./db/schema.ts";
import { pruneFinished } from "./jobs/prune-finished.ts";
import { forgetWorkers } from "./pool/forget-workers.ts";
import { pruneHours } from "./pool/record-hours.ts";
import { pruneRates } from "./rates/rate-rows.ts";
import { settleDay } from "./settlement/settle-day.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Prompts and answers of finished jobs: kept for questions about an answer, then deleted (threads keep messages). */
const JOB_RETENTION_MS = 30 * DAY_MS;
/** Telegram repeats an update for 24 h at most; a week leaves room for a bot that was down. */
const UPDATE_RETENTION_MS = 7 * DAY_MS;
/** A machine that was tried once and never worked may come back after a holiday; nothing is lost either way. */
const WORKER_RETENTION_MS = 14 * DAY_MS;
/** Receipts hold the rate they were made with; these explain a price that somebody asks about. */
const RATE_RETENTION_MS = 90 * DAY_MS;
/** What the bot said already; a person asks about a message within days, and the books say what happened. */
const NOTICE_RETENTION_MS = 30 * DAY_MS;
/** A day begins at 03:00 UTC, when the fewest people wait for the database. */
const DAY_BEGINS_MS = 3 * HOUR_MS;
/** Id of the chore's advisory lock; any constant that no other lock uses. */
const CHORE_LOCK = 7_243_002;

export interface Background {
  /** Does the chore if it is due; true when this call did it. The timer calls it every hour. */
  look(): Promise<boolean>;
  /** Ends the timer and waits for a chore under way. */
  stop(): Promise<void>;
}

type Parts = Pick<ChainContext, "clock" | "db" | "health" | "ledger" | "log" | "pg" | "ton">;

export function startBackground(ctx: Parts): Background {
  let doneDay: number | null = null;
  let looking: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();
  const look = async () => {
    const day = Math.floor((ctx.clock() - DAY_BEGINS_MS) / DAY_MS);
    if (day === doneDay || ctx.health.database === "away") return false;
    try {
      if (!(await withLock(ctx, () => doChore(ctx)))) return false;
      // After it: no transaction of the database is open while an endpoint is asked, and once a day is its own rule.
      await settleDay(ctx, stopping.signal);
      doneDay = day;
      return true;
    } catch (error) {
      if (stopping.signal.aborted) return false;
      if (!ctx.health.noticed(error))
        ctx.log.warn({ err: error }, "the day's chore failed; it is tried again in an hour");
      return false;
    }
  };
  const onHour = guarded(ctx.log, "the day's chore", () => (looking = look()));
  const timer = setInterval(onHour, HOUR_MS);
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await looking;
    },
  };
}

/** False when another server holds the lock. It is released with the transaction, also when the connection breaks. */
function withLock({ db }: Parts, work: () => Promise<void>): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ held: boolean }>(sql`select pg_try_advisory_xact_lock(${CHORE_LOCK}) as held`);
    if (rows[0]?.held !== true) return false;
    await work();
    return true;
  });
}

async function doChore(ctx: Parts): Promise<void> {
  await deleteOld(ctx);
  await settleLosses(ctx);
}

async function deleteOld(ctx: Parts): Promise<void> {
  const before = (keptMs: number) => new Date(ctx.clock() - keptMs);
  await pruneFinished(ctx, before(JOB_RETENTION_MS));
  await forgetWorkers(ctx, before(WORKER_RETENTION_MS));
  await forgetPastOwners(ctx, before(JOB_RETENTION_MS));
  await ctx.db
    .delete(updates)
    .where(and(isNotNull(updates.handledAt), lt(updates.handledAt, before(UPDATE_RETENTION_MS))));
  await ctx.db.delete(sessions).where(lt(sessions.expiresAt, before(DAY_MS)));
  await forgetPairingCodes(ctx, before(DAY_MS));
  await pruneHours(ctx);
  await pruneRates(ctx.db, before(RATE_RETENTION_MS));
  // One that is not told yet stays, however old it is.
  await ctx.db.delete(notices).where(lt(notices.toldAt, before(NOTICE_RETENTION_MS)));
  // Counts of days that are over say nothing any more; bills say what each answer was.
  await ctx.db.delete(freeAnswers).where(
    lt(
      freeAnswers.day,
      before(2 * DAY_MS)
        .toISOString()
        .slice(0, 10),
    ),
  );
}
