/** A thread as the app shows it: its facts, and a stretch of its chosen branch from the newest message up. */
import { eq, sql } from "drizzle-orm";
import { LABEL_WORDS_MAX } from "@starai/protocol/runs";
import type { RunBill } from "@starai/protocol/receipts";
import type { Feedback, Outcome, RunStatus } from "@starai/protocol/runs";
import { runBills } from "../billing/run-bills.ts";
import type { AppContext } from "../context.ts";
import { messages, people, runs, steps } from "../db/schema.ts";
import { modelOf } from "./choose-model.ts";
import { modelNameOf } from "./get-run.ts";
import { noMessage, ownThread } from "./own-thread.ts";
import type { Owner, ThreadRow } from "./own-thread.ts";
import { isResumable } from "./resumable.ts";

/** Messages of one answer: some screens of a phone. */
export const PAGE_MESSAGES = 50;

export interface ThreadFacts {
  id: string;
  title: string;
  /** Whether the bot's chat writes here. */
  current: boolean;
  /** null: the person's default. */
  model: string | null;
  persona: string | null;
  instructions: string;
  pinned: boolean;
  archived: boolean;
  updatedAt: string;
}

export interface RunSummary {
  id: string;
  status: RunStatus;
  outcome: Outcome | null;
  /** Whether POST …/continue makes sense. */
  resumable: boolean;
  model: string;
  modelName: string;
  /** Finished steps. */
  steps: number;
  /** Whether they say how the answer came about; see tellsHow. */
  tells: boolean;
  /** From the question to the end; null while it runs. */
  elapsedMs: number | null;
  promptTokens: number;
  completionTokens: number;
  /** Tokens written over the time its steps took, reading and waiting included; null without finished steps. */
  tokensPerS: number | null;
  /** Most attempts of any step: n means that step's job moved between machines n − 1 times. */
  attempts: number;
  /** What it cost; null while it runs, and for answers from before answers had a price. */
  bill: RunBill | null;
  /** The person's judgement. */
  feedback: Feedback | null;
}

export interface ThreadMessage {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  /** An answer's text is empty while it runs; a failed answer's is the part written before it failed. */
  text: string;
  createdAt: string;
  /** Of an answer. */
  run: RunSummary | null;
  /** Ids of all alternatives in its place, itself among them, oldest first. */
  siblings: string[];
}

export interface ThreadView extends ThreadFacts {
  /** Display name of the model that answers the next question. */
  modelName: string;
  messages: ThreadMessage[];
  /** Pass this as `before` to get the messages above; null at the beginning. */
  before: string | null;
}

export function factsOf(row: ThreadRow): ThreadFacts {
  const { id, title, current, model, persona, instructions, pinned, archived, updatedAt } = row;
  return { id, title, current, model, persona, instructions, pinned, archived, updatedAt: updatedAt.toISOString() };
}

/** @param input.before  a message of the thread: only those above it. @throws Refusal `not_found` */
export async function readThread(
  ctx: AppContext,
  owner: Owner,
  input: { thread: string; before?: string | undefined },
): Promise<ThreadView> {
  const thread = await ownThread(ctx.db, owner, input.thread);
  const from = input.before === undefined ? thread.headId : await parentIn(ctx, thread.id, input.before);
  const rows = await branch(ctx, from, PAGE_MESSAGES);
  const costs = await runBills(
    ctx,
    rows.flatMap(({ run }) => run ?? []),
  );
  return {
    ...factsOf(thread),
    modelName: modelNameOf(ctx, await nextModel(ctx, owner, thread)),
    messages: rows.map((row) => viewOf(ctx, { row, bill: costs.get(row.run ?? "") ?? null })),
    before: rows[0]?.parent == null ? null : rows[0].id,
  };
}

async function nextModel(ctx: AppContext, owner: Owner, thread: ThreadRow): Promise<string> {
  const [person] = await ctx.db.select({ model: people.model }).from(people).where(eq(people.id, owner.id));
  return modelOf(ctx, person ?? { model: null }, thread);
}

async function parentIn(ctx: AppContext, thread: string, id: string): Promise<string | null> {
  const { rows } = await ctx.db.execute<{ parent: string | null }>(
    sql`select ${messages.parentId} as parent from ${messages} where ${messages.id} = ${id} and ${messages.threadId} = ${thread}`,
  );
  if (!rows[0]) throw noMessage(id);
  return rows[0].parent;
}

export interface BranchRow extends Record<string, unknown> {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  text: string;
  created: Date;
  siblings: string[];
  run: string | null;
  status: RunStatus;
  outcome: Outcome | null;
  answer: string;
  feedback: Feedback | null;
  model: string;
  elapsed: number | null;
  steps: number;
  tells: boolean;
  stepMs: number;
  promptTokens: number;
  completionTokens: number;
  attempts: number;
}

/** The last `length` messages of the branch that ends at `from`, oldest first. */
export async function branch(ctx: Pick<AppContext, "db">, from: string | null, length: number): Promise<BranchRow[]> {
  const { rows } = await ctx.db.execute<BranchRow>(sql`
    with recursive branch as (
      select ${from}::uuid as id, 1 as distance
      union all
      select m.parent_id, distance + 1 from branch join ${messages} m on m.id = branch.id where distance < ${length}
    )
    select m.id, m.parent_id as parent, m.role, m.text, m.created_at as created,
      case when m.parent_id is null
        then (select array_agg(s.id order by s.seq) from ${messages} s where s.thread_id = m.thread_id and s.parent_id is null)
        else (select array_agg(s.id order by s.seq) from ${messages} s where s.parent_id = m.parent_id)
      end as siblings,
      r.id as run, r.status, r.outcome, r.answer, r.feedback, r.model,
      (extract(epoch from r.finished_at - r.created_at) * 1000)::int as elapsed, done.*
    from branch
      join ${messages} m on m.id = branch.id
      left join ${runs} r on r.answer_id = m.id
      left join lateral (
        select count(*)::int as steps, coalesce(sum(elapsed_ms), 0)::int as "stepMs",
          coalesce(sum(prompt_tokens), 0)::int as "promptTokens",
          coalesce(sum(completion_tokens), 0)::int as "completionTokens", coalesce(max(attempts), 0)::int as attempts,
          -- tellsHow of protocol/runs.ts, asked of rows.
          coalesce(bool_or(action ->> 'kind' = 'tool'
            or array_length(regexp_split_to_array(btrim(thought, E' \\n\\t'), '\\s+'), 1) > ${LABEL_WORDS_MAX}), false) as tells
        from ${steps} where run_id = r.id
      ) done on true
    order by distance desc`);
  return rows;
}

function viewOf(ctx: AppContext, { row, bill }: { row: BranchRow; bill: RunBill | null }): ThreadMessage {
  return {
    id: row.id,
    parent: row.parent,
    role: row.role,
    text: row.run === null ? row.text : row.answer,
    createdAt: new Date(row.created).toISOString(),
    run: row.run === null ? null : summaryOf(ctx, { ...row, run: row.run, bill }),
    siblings: row.siblings,
  };
}

function summaryOf(ctx: AppContext, row: BranchRow & { run: string; bill: RunBill | null }): RunSummary {
  const { status, outcome, model, steps, promptTokens, completionTokens, attempts } = row;
  return {
    id: row.run,
    status,
    outcome,
    resumable: isResumable(outcome),
    model,
    modelName: modelNameOf(ctx, model),
    steps,
    tells: row.tells,
    elapsedMs: row.elapsed,
    promptTokens,
    completionTokens,
    tokensPerS: row.stepMs === 0 ? null : Math.round((completionTokens * 10_000) / row.stepMs) / 10,
    attempts,
    bill: row.bill,
    feedback: row.feedback,
  };
}
