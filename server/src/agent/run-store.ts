/** Runs in the database: loads a run to start or resume it, and stores its finished steps and its end. */
import { and, asc, eq, sql } from "drizzle-orm";
import type { RunBill } from "@starai/protocol/receipts";
import type { Outcome, RunSnapshot, Step } from "@starai/protocol/runs";
import type { Base } from "../base.ts";
import { closeBill } from "../billing/close-bill.ts";
import { tellLowBalance } from "../billing/low-balance.ts";
import type { MoneyContext } from "../billing/context.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { Database } from "../db/executor.ts";
import { runBills } from "../billing/run-bills.ts";
import { isGroup, isPrivateChat } from "../db/private-chat.ts";
import { messages, people, runs, steps, threads } from "../db/schema.ts";
import { endOfRun } from "../prices/who-pays.ts";
import type { Said } from "./conversation.ts";

type Store = Pick<Base, "db" | "clock">;

export interface StoredRun {
  snapshot: RunSnapshot;
  /** The id of its bill. */
  bill: string;
  model: string;
  personId: string;
  language: string;
  /** The message it answers. */
  messageId: string;
  text: string;
  /** The thread's style of answers: a preset's id, and in `instructions` the person's own words. */
  persona: string | null;
  instructions: string;
  /** Whether it was asked in a group. */
  inGroup: boolean;
  /** The person's description of themselves; empty in a group, because it describes only one of its members. */
  about: string;
}

/** Messages loaded as history; the token budget keeps fewer. */
const HISTORY_MAX = 60;

export async function loadRun(ctx: Store, id: string): Promise<StoredRun | null> {
  const [row] = await ctx.db
    .select({
      run: runs,
      personId: people.id,
      language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})`,
      text: messages.text,
      persona: threads.persona,
      instructions: threads.instructions,
      about: people.about,
      chat: threads.chat,
    })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(people, eq(people.id, threads.personId))
    .where(eq(runs.id, id));
  if (row === undefined) return null;
  const { run, chat, ...rest } = row;
  const bill = run.status === "running" ? null : ((await runBills(ctx, [id])).get(id) ?? null);
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
    bill,
  };
  return {
    snapshot,
    bill: run.bill ?? id,
    model: run.model,
    messageId: run.messageId,
    inGroup: isGroup(chat),
    ...rest,
    about: isPrivateChat(chat) ? rest.about : "",
  };
}

/** The messages before this one on its branch, oldest first. Failed answers are left out: they have no text. */
export async function loadHistory(ctx: Store, messageId: string): Promise<Said[]> {
  const { rows } = await ctx.db.execute<{ role: Said["role"]; text: string }>(sql`
    with recursive branch as (
      select ${messages.parentId} as id, 1 as distance from ${messages} where ${messages.id} = ${messageId}
      union all
      select m.parent_id, distance + 1 from branch join ${messages} m on m.id = branch.id where distance < ${HISTORY_MAX}
    )
    select m.role, m.text from branch join ${messages} m on m.id = branch.id where m.text <> '' order by distance desc`);
  return rows;
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

/** The run's person and thread, and its price. */
export interface RunOwner {
  personId: string;
  thread: string;
  /** What it cost; null where nothing was ever asked of the pool. */
  bill: RunBill | null;
  /** Whether the person was told that their balance pays for no other usual answer. */
  isLow: boolean;
}

/**
 * Ends a run in one transaction: its row, its last step, its message and its bill. Idempotent.
 * Returns null when the run had already ended or was deleted.
 */
export async function finishRun(ctx: MoneyContext, id: string, end: RunEnd): Promise<RunOwner | null> {
  const [settings, rate] = await Promise.all([ctx.settings.now(), ctx.rates.current()]);
  const microUsdPerCoin = rate.usable ? (rate.rate?.microUsdPerCoin ?? null) : null;
  return await moneyTransaction(ctx.pg, async (open) => {
    const { tx } = open;
    // Locks the thread's row first, as every writer into a thread does.
    const [thread] = await tx
      .update(threads)
      .set({ updatedAt: sql`now()` })
      .from(runs)
      .where(and(eq(runs.id, id), eq(runs.status, "running"), eq(threads.id, runs.threadId)))
      .returning({ personId: threads.personId, thread: threads.id });
    if (thread === undefined) return null;
    const [run] = await tx
      .update(runs)
      .set({ status: end.outcome.kind, outcome: end.outcome, answer: end.answer, finishedAt: sql`now()` })
      .where(and(eq(runs.id, id), eq(runs.status, "running")))
      .returning({ answerId: runs.answerId, bill: runs.bill });
    if (run === undefined) return null;
    if (end.lastStep !== null) await saveStep(tx, id, end.lastStep);
    // The partial answer of a failed run is stored with the run, but is not part of the conversation.
    if (end.outcome.kind !== "failed")
      await tx.update(messages).set({ text: end.answer }).where(eq(messages.id, run.answerId));
    const billId = run.bill ?? id;
    const bill = await closeBill(ctx, open, { bill: billId, end: endOfRun(end.outcome, end.answer), settings });
    const isLow = bill !== null && (await tellLowBalance(tx, { bill: billId, nowMs: ctx.clock(), microUsdPerCoin }));
    return { ...thread, bill, isLow };
  });
}
