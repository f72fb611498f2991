/** Deletes a conversation with its jobs in the pool. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { jobs, runs, threads } from "../db/schema.ts";
import { noThread, ownedBy } from "./own-thread.ts";
import type { Owner } from "./own-thread.ts";

/** Deletes a conversation; its runs stop and their readers get `not_found`. @throws Refusal `not_found` */
export async function deleteThread(ctx: AppContext, owner: Owner, id: string): Promise<void> {
  if ((await deleteThreads(ctx, owner, [id])).length === 0) throw noThread(id);
}

/** The same for several in one transaction. Returns the deleted ids, without unknown ones and those of others. */
export async function deleteThreads(ctx: AppContext, owner: Owner, ids: readonly string[]): Promise<string[]> {
  const { theirs, gone } = await ctx.db.transaction(async (tx) => {
    // Locks in one order, so that two such calls cannot deadlock.
    const locked = await tx
      .select({ id: threads.id })
      .from(threads)
      .where(and(inArray(threads.id, [...ids]), ownedBy(owner)))
      .orderBy(threads.id)
      .for("update");
    const theirs = locked.map(({ id }) => id);
    const gone = await runsOf(tx, inArray(threads.id, theirs));
    await tx.delete(threads).where(inArray(threads.id, theirs));
    return { theirs, gone };
  });
  await forgetRuns(ctx, owner, gone);
  for (const id of theirs) ctx.changes.emit(`person:${owner.id}`, { type: "deleted", id });
  return theirs;
}

export interface GoneRun {
  id: string;
  running: boolean;
}

export async function runsOf(tx: Executor, which: SQL): Promise<GoneRun[]> {
  return await tx
    .select({ id: runs.id, running: sql<boolean>`${runs.status} = 'running'` })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .where(which);
}

/**
 * Stops the runs still running, then deletes their prompts and answers from the pool. A crash in between leaves those
 * to the nightly retention.
 */
export async function forgetRuns(ctx: AppContext, owner: Owner, gone: readonly GoneRun[]): Promise<void> {
  await Promise.all(gone.filter(({ running }) => running).map(({ id }) => ctx.runs.forget(id)));
  const ids = gone.map(({ id }) => id);
  if (ids.length === 0) return;
  await ctx.db
    .delete(jobs)
    .where(and(eq(jobs.owner, ownerOfJobs(owner)), inArray(sql`split_part(${jobs.key}, ':', 2)`, ids), ended));
}

export const ended = inArray(jobs.state, ["done", "failed", "cancelled"]);

export function ownerOfJobs(owner: Owner): string {
  return `person:${owner.id}`;
}
