/**
 * Goes on with a run that ended without its answer through no fault of the question: the machine room was
 * interrupted, empty or too slow. Its finished steps are kept, so it goes on where it was.
 */
import { and, eq, inArray, like, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { jobs, messages, runs, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { Executor } from "./open-thread.ts";
import { isResumable } from "./resumable.ts";
import { launchInTurn } from "./run-order.ts";

/** Returns the run's id; a run that already goes on is left alone. @throws Refusal `not_found` or `conflict` */
export async function continueRun(ctx: AppContext, id: string): Promise<string> {
  await ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, id);
    if (run.status === "running") return;
    if (run.closedAt !== null || (await hasLaterMessage(tx, run)) || !isResumable(run.outcome))
      throw new Refusal("conflict", "This answer cannot go on; ask the question again.");
    await tx
      .update(runs)
      .set({ status: "running", outcome: null, answer: "", finishedAt: null })
      .where(eq(runs.id, id));
    await freeJobKeys(tx, id);
  });
  launchInTurn(ctx, id);
  return id;
}

async function lockRun(tx: Executor, id: string) {
  const [row] = await tx
    .select({
      threadId: runs.threadId,
      status: runs.status,
      outcome: runs.outcome,
      closedAt: threads.closedAt,
      seq: messages.seq,
    })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(eq(runs.id, id))
    .for("update");
  if (!row) throw new Refusal("not_found", `There is no run ${id}.`);
  return row;
}

/** An older question answered after a newer one would read the conversation in the wrong order. */
async function hasLaterMessage(tx: Executor, run: { threadId: string; seq: number }): Promise<boolean> {
  const rows = await tx
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.threadId, run.threadId), eq(messages.role, "user"), sql`${messages.seq} > ${run.seq}`))
    .limit(1);
  return rows.length > 0;
}

/** A job's key has one effect for ever; the jobs that failed give theirs back, so that the step can ask anew. */
async function freeJobKeys(tx: Executor, id: string): Promise<void> {
  await tx
    .update(jobs)
    .set({ key: sql`${jobs.key} || ':given-up:' || ${jobs.id}` })
    .where(
      and(
        like(jobs.key, `run:${id}:%`),
        inArray(jobs.state, ["failed", "cancelled"]),
        sql`${jobs.key} not like '%:given-up:%'`,
      ),
    );
}
