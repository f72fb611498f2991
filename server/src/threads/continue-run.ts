/**
 * Resumes a run that failed through no fault of the question: the pool was interrupted, empty or too slow. Its
 * finished steps are kept, so it resumes after them.
 */
import { and, eq, inArray, like, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { emitRun } from "../agent/emit-run.ts";
import type { Executor } from "../db/executor.ts";
import { bills, jobs, messages, runs, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { isResumable } from "./resumable.ts";

/** Returns the run's id; a run that is already running is left alone. @throws Refusal `not_found` or `conflict` */
export async function continueRun(ctx: AppContext, id: string): Promise<string> {
  const { personId, threadId: thread } = await ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, id);
    if (run.status === "running") return run;
    if (!isResumable(run.outcome) || (await isBehind(tx, run)))
      throw new Refusal("conflict", "This answer cannot go on; ask the question again.");
    await tx
      .update(runs)
      .set({ status: "running", outcome: null, answer: "", finishedAt: null, bill: billOfNext(id) })
      .where(eq(runs.id, id));
    await freeJobKeys(tx, id);
    return run;
  });
  ctx.runs.launchInTurn(thread);
  emitRun(ctx, personId, { run: id, thread });
  return id;
}

/** Locks the thread's row first, as every writer into a thread does. */
async function lockRun(tx: Executor, id: string) {
  const thread = tx.select({ id: runs.threadId }).from(runs).where(eq(runs.id, id));
  await tx.select({ id: threads.id }).from(threads).where(inArray(threads.id, thread)).for("update");
  const [row] = await tx
    .select({
      id: runs.id,
      threadId: runs.threadId,
      status: runs.status,
      outcome: runs.outcome,
      answerId: runs.answerId,
      personId: threads.personId,
    })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .where(eq(runs.id, id));
  if (!row) throw new Refusal("not_found", `There is no run ${id}.`);
  return row;
}

/** A closed bill stays as it is, and pays for nothing more: what follows has one of its own. */
function billOfNext(run: string) {
  const isClosed = sql`exists (select from ${bills} b where b.id = coalesce(${runs.bill}, ${run}) and b.closed_at is not null)`;
  return sql`case when ${isClosed} then gen_random_uuid() else ${runs.bill} end`;
}

/**
 * An older question answered after a newer one would read the conversation in the wrong order; and one run of a
 * thread works at a time.
 */
async function isBehind(tx: Executor, run: { threadId: string; answerId: string }): Promise<boolean> {
  const after = tx
    .select({ one: sql`1` })
    .from(messages)
    .where(eq(messages.parentId, run.answerId));
  const working = tx
    .select({ one: sql`1` })
    .from(runs)
    .where(and(eq(runs.threadId, run.threadId), eq(runs.status, "running")));
  const { rows } = await tx.execute<{ behind: boolean }>(
    sql`select exists (${after}) or exists (${working}) as behind`,
  );
  return rows[0]?.behind === true;
}

/** Frees the keys of failed jobs: a key has one effect for ever, and the step must be able to submit again. */
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
