/** Reading runs: one with its steps, and the one a chat is waiting for. */
import { and, asc, eq } from "drizzle-orm";
import type { RunBill } from "@starai/protocol/receipts";
import type { Outcome, RunStatus, Step } from "@starai/protocol/runs";
import { runBills } from "../billing/run-bills.ts";
import type { AppContext } from "../context.ts";
import { messages, runs, steps, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { isResumable } from "./resumable.ts";

export interface RunRecord {
  id: string;
  thread: string;
  chat: string;
  model: string;
  /** What a person reads. */
  modelName: string;
  status: RunStatus;
  outcome: Outcome | null;
  answer: string;
  /** From the message to the end; `null` while it runs. */
  elapsedMs: number | null;
  steps: Step[];
  /** Whether it answers the first message of its conversation. */
  first: boolean;
  /** null while it runs, and for answers from before answers had a price. */
  bill: RunBill | null;
  /** Whether trying again can help; see continue-run.ts. */
  resumable: boolean;
}

/** @throws Refusal `not_found` */
export async function getRun(ctx: Pick<AppContext, "db" | "catalogue" | "clock">, id: string): Promise<RunRecord> {
  const [row] = await ctx.db
    .select({ run: runs, chat: threads.chat, parent: messages.parentId })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(messages, eq(messages.id, runs.messageId))
    .where(eq(runs.id, id));
  if (!row) throw new Refusal("not_found", `There is no run ${id}.`);
  const { run, chat, parent } = row;
  const done = await ctx.db.select().from(steps).where(eq(steps.runId, id)).orderBy(asc(steps.index));
  return {
    id,
    thread: run.threadId,
    chat,
    model: run.model,
    modelName: modelNameOf(ctx, run.model),
    status: run.status,
    outcome: run.outcome,
    answer: run.answer,
    elapsedMs: run.finishedAt === null ? null : run.finishedAt.getTime() - run.createdAt.getTime(),
    steps: done.map(({ runId: _run, createdAt: _at, ...step }) => step),
    first: parent === null,
    bill: (await runBills(ctx, [id])).get(id) ?? null,
    resumable: isResumable(run.outcome),
  };
}

export function modelNameOf(ctx: Pick<AppContext, "catalogue">, model: string): string {
  return ctx.catalogue.get(model)?.name ?? model;
}

/** The run a chat's current thread works on now: the oldest one running. `null` when nothing runs. */
export async function runningRun(ctx: Pick<AppContext, "db">, chat: string): Promise<string | null> {
  const [row] = await ctx.db
    .select({ id: runs.id })
    .from(runs)
    .innerJoin(threads, eq(threads.id, runs.threadId))
    .innerJoin(messages, eq(messages.id, runs.answerId))
    .where(and(eq(threads.chat, chat), eq(threads.current, true), eq(runs.status, "running")))
    .orderBy(asc(messages.seq))
    .limit(1);
  return row?.id ?? null;
}
