/**
 * One run of a thread works at a time, in the order they were asked for.
 *
 * The order lives in the database (a run `running` whose answer's row is older is ahead), the waiting in this process:
 * a waiting run is `running` in its row, is followed by nobody's worker, and is launched when the one ahead ends.
 * After a restart every run still `running` is given back to its place by `resumeRuns`.
 */
import { and, asc, eq, lt } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { AppContext } from "../context.ts";
import { messages, runs } from "../db/schema.ts";

/** Launches a run now, or once the runs ahead of it in its thread have ended. Returns at once; idempotent. */
export function launchInTurn(ctx: AppContext, runId: string): void {
  waitAndLaunch(ctx, runId).catch((error: unknown) =>
    ctx.log.error({ err: error, run: runId }, "a waiting run was not launched; the next start of the server does it"),
  );
}

async function waitAndLaunch(ctx: AppContext, runId: string): Promise<void> {
  for (;;) {
    const ahead = await runAhead(ctx, runId);
    if (ahead === null) break;
    if (!(await hasEnded(ctx, ahead))) return;
  }
  ctx.runs.launch(runId);
}

/** The run right ahead of this one in its thread; `null` when it is its turn. */
export async function runAhead(ctx: Pick<AppContext, "db">, runId: string): Promise<string | null> {
  const own = alias(runs, "own_run");
  const ownAnswer = alias(messages, "own_answer");
  const [row] = await ctx.db
    .select({ id: runs.id })
    .from(own)
    .innerJoin(ownAnswer, eq(ownAnswer.id, own.answerId))
    .innerJoin(runs, and(eq(runs.threadId, own.threadId), eq(runs.status, "running")))
    .innerJoin(messages, and(eq(messages.id, runs.answerId), lt(messages.seq, ownAnswer.seq)))
    .where(eq(own.id, runId))
    .orderBy(asc(messages.seq))
    .limit(1);
  return row?.id ?? null;
}

/** Follows a run to its end. False when this process stops before that. */
async function hasEnded(ctx: AppContext, runId: string): Promise<boolean> {
  for await (const { event } of ctx.runs.events(runId)) if (event.type === "end") return true;
  return false;
}
