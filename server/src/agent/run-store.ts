/** Runs in the database: what a run needs to start or go on, its steps as they finish, and its one end. */
import { and, asc, desc, eq, lt, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Outcome, RunSnapshot, Step } from "@starai/protocol/runs";
import type { AppContext, Database } from "../context.ts";
import { messages, people, runs, steps, threads } from "../db/schema.ts";
import type { Said } from "./conversation.ts";

type Store = Pick<AppContext, "db">;

export interface StoredRun {
  snapshot: RunSnapshot;
  model: string;
  personId: string;
  language: string;
  /** The message it answers. */
  text: string;
  seq: number;
}

/** Messages read for memory; the token budget keeps fewer. */
const HISTORY_MAX = 60;

export async function loadRun(ctx: Store, id: string): Promise<StoredRun | null> {
  const [row] = await ctx.db
    .select({ run: runs, personId: people.id, language: people.language, text: messages.text, seq: messages.seq })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(people, eq(people.id, threads.personId))
    .where(eq(runs.id, id));
  if (row === undefined) return null;
  const { run, ...rest } = row;
  const done = await ctx.db.select().from(steps).where(eq(steps.runId, id)).orderBy(asc(steps.index));
  const snapshot: RunSnapshot = {
    id,
    thread: run.threadId,
    status: run.status,
    phase: { kind: "reading" },
    steps: done.map(({ runId: _run, createdAt: _at, ...step }) => step),
    thought: "",
    answer: run.answer,
    outcome: run.outcome,
  };
  return { snapshot, model: run.model, ...rest };
}

/**
 * What was said in the thread before this message, oldest first. An answer belongs behind the message it answers,
 * also when the next message came before it was finished.
 */
export async function loadHistory(ctx: Store, thread: string, beforeSeq: number): Promise<Said[]> {
  const asked = alias(messages, "asked");
  const place = sql<number>`coalesce(${asked.seq}, ${messages.seq})`;
  const rows = await ctx.db
    .select({ role: messages.role, text: messages.text })
    .from(messages)
    .leftJoin(runs, and(eq(messages.role, "assistant"), eq(runs.id, messages.runId)))
    .leftJoin(asked, eq(asked.id, runs.messageId))
    .where(and(eq(messages.threadId, thread), lt(place, beforeSeq)))
    .orderBy(desc(place), desc(messages.seq))
    .limit(HISTORY_MAX);
  return rows.reverse();
}

export async function saveStep(db: Pick<Database, "insert">, runId: string, step: Step): Promise<void> {
  await db
    .insert(steps)
    .values({ ...step, runId })
    .onConflictDoNothing();
}

export interface RunEnd {
  outcome: Outcome;
  answer: string;
  /** The step that answered; its row is written with the end. */
  lastStep: Step | null;
}

/** Ends a run once, however often it is tried: its row, its last step and its message, or nothing. False: it had ended. */
export async function finishRun(ctx: Store, id: string, end: RunEnd): Promise<boolean> {
  return await ctx.db.transaction(async (tx) => {
    const [run] = await tx
      .update(runs)
      .set({ status: end.outcome.kind, outcome: end.outcome, answer: end.answer, finishedAt: sql`now()` })
      .where(and(eq(runs.id, id), eq(runs.status, "running")))
      .returning({ thread: runs.threadId });
    if (run === undefined) return false;
    if (end.lastStep !== null) await saveStep(tx, id, end.lastStep);
    // What a failed run had begun to say is kept with the run, but is not part of the conversation.
    if (end.answer !== "" && end.outcome.kind !== "failed") {
      await tx.insert(messages).values({ threadId: run.thread, role: "assistant", text: end.answer, runId: id });
    }
    return true;
  });
}

/** Every run still running, in the order of their messages. */
export async function runningRuns(ctx: Store): Promise<string[]> {
  const rows = await ctx.db
    .select({ id: runs.id })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(eq(runs.status, "running"))
    .orderBy(asc(messages.seq));
  return rows.map(({ id }) => id);
}
