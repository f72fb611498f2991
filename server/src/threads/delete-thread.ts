/** Deletes a conversation with its jobs in the pool, or everything a person has here. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { jobs, people, runs, threads } from "../db/schema.ts";
import { revokeAll } from "../sessions/end-sessions.ts";
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

/**
 * Deletes the person, their conversations in any chat, their sessions and their jobs in the pool. Groups lose the
 * threads this person began. Messages in Telegram itself are not ours to delete.
 */
export async function deletePerson(ctx: AppContext, owner: Owner): Promise<void> {
  const { gone, sessions } = await ctx.db.transaction(async (tx) => {
    await tx.select({ id: people.id }).from(people).where(eq(people.id, owner.id)).for("update");
    const gone = await runsOf(tx, eq(threads.personId, owner.id));
    const sessions = await revokeAll(tx, owner.id);
    await tx.delete(people).where(eq(people.id, owner.id));
    return { gone, sessions };
  });
  await forgetRuns(ctx, owner, gone);
  await ctx.db.delete(jobs).where(and(eq(jobs.owner, ownerOfJobs(owner)), ended));
  for (const session of sessions) ctx.streams.signOut(session);
}

/** The same by the bot's id of the person; does nothing for an unknown person. */
export async function deletePersonOfTelegram(ctx: AppContext, telegramId: number): Promise<void> {
  const [person] = await ctx.db.select({ id: people.id }).from(people).where(eq(people.telegramId, telegramId));
  if (person) await deletePerson(ctx, { id: person.id, telegramId });
}

interface GoneRun {
  id: string;
  running: boolean;
}

async function runsOf(tx: Executor, which: SQL): Promise<GoneRun[]> {
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
async function forgetRuns(ctx: AppContext, owner: Owner, gone: readonly GoneRun[]): Promise<void> {
  await Promise.all(gone.filter(({ running }) => running).map(({ id }) => ctx.runs.forget(id)));
  const ids = gone.map(({ id }) => id);
  if (ids.length === 0) return;
  await ctx.db
    .delete(jobs)
    .where(and(eq(jobs.owner, ownerOfJobs(owner)), inArray(sql`split_part(${jobs.key}, ':', 2)`, ids), ended));
}

const ended = inArray(jobs.state, ["done", "failed", "cancelled"]);

function ownerOfJobs(owner: Owner): string {
  return `person:${owner.id}`;
}
