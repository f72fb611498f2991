/** Background work through pg-boss: what has to happen on time whichever server has the database by then. */
import { lt, and, isNotNull } from "drizzle-orm";
import { PgBoss } from "pg-boss";
import type pg from "pg";
import type { Base } from "./base.ts";
import { sessions, updates } from "./db/schema.ts";
import { pruneFinished } from "./jobs/prune-finished.ts";
import { forgetWorkers } from "./pool/forget-workers.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Prompts and answers of finished jobs: kept for questions about an answer, then deleted (threads keep the messages). */
const JOB_RETENTION_MS = 30 * DAY_MS;
/** Telegram repeats an update for 24 h at most; a week leaves room for a bot that was down. */
const UPDATE_RETENTION_MS = 7 * DAY_MS;
/** A machine that was tried once and never worked may come back after a holiday; there is nothing to lose either way. */
const WORKER_RETENTION_MS = 14 * DAY_MS;
const NIGHTLY = "nightly-retention";

export async function startBackground(ctx: Base, connection: pg.PoolConfig): Promise<{ stop(): Promise<void> }> {
  const boss = new PgBoss({ ...connection, max: 2, application_name: "starai-background" } as never);
  boss.on("error", (error) => {
    if (!ctx.health.noticed(error))
      ctx.log.warn({ error: error.message }, "background work hit a fault; it will be retried");
  });
  await boss.start();
  await boss.createQueue(NIGHTLY);
  await boss.work(NIGHTLY, async () => {
    const now = ctx.clock();
    await pruneFinished(ctx, new Date(now - JOB_RETENTION_MS));
    await forgetWorkers(ctx, new Date(now - WORKER_RETENTION_MS));
    await ctx.db
      .delete(updates)
      .where(and(isNotNull(updates.handledAt), lt(updates.handledAt, new Date(now - UPDATE_RETENTION_MS))));
    await ctx.db.delete(sessions).where(lt(sessions.expiresAt, new Date(now - DAY_MS)));
  });
  await boss.schedule(NIGHTLY, "17 3 * * *");
  return { stop: () => boss.stop({ graceful: true, timeout: 2_000 }) };
}
