/**
 * Stores an edit made in a chat: the new version becomes a sibling of the old one, as with an edit in the app, and gets
 * its own answer. Only for the last question: a chat shows no branches, and messages after an older question would no
 * longer follow from it.
 */
import { eq, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { emitRun } from "../agent/emit-run.ts";
import type { Executor } from "../db/executor.ts";
import { messages, people, runs, threads } from "../db/schema.ts";
import { ask, findAsked } from "./ask.ts";
import type { Asked } from "./ask.ts";
import { modelOf } from "./choose-model.ts";
import { withContext } from "./replied-to.ts";
import type { RepliedTo } from "./replied-to.ts";
import { nameAfter } from "./title-of.ts";

export interface Revision {
  /** The surface's own name of the chat, e.g. `telegram:42`. */
  chat: string;
  /** The external id of the original message. */
  edits: string;
  /** The external id of this version. */
  externalId: string;
  text: string;
  /** As of a new message. */
  repliedTo?: RepliedTo | undefined;
}

/**
 * Returns `null` if nothing is stored: the message is unknown, from another conversation, an older question, or
 * unchanged. The run of the former version is stopped.
 * @throws Refusal `queue_full` or `conflict`; nothing is stored then
 */
export async function reviseMessage(ctx: AppContext, revision: Revision): Promise<Asked | null> {
  const revised = await ctx.db.transaction(async (tx) => {
    const edited = await editedOne(tx, revision);
    if (edited === null) return null;
    const { thread, parentId } = edited;
    const known = await findAsked(tx, revision.externalId);
    if (known) return { asked: known, personId: thread.personId, stale: [] };
    const last = await lastQuestion(tx, thread.headId);
    if (last === null || last.parentId !== parentId || saysTheSame(last.text, revision.text)) return null;
    const [person] = await tx
      .select({ model: people.model, language: people.language })
      .from(people)
      .where(eq(people.id, thread.personId));
    await nameAfter(tx, thread, { text: revision.text, parentId });
    const { externalId } = revision;
    const text = await withContext(tx, { ...revision, language: person?.language ?? "en", after: parentId });
    const model = modelOf(ctx, person ?? { model: null }, thread);
    const asked = await ask(tx, { threadId: thread.id, parentId, text, externalId, model, mirrored: false });
    const answering = await tx
      .select({ id: runs.id, status: runs.status })
      .from(runs)
      .where(eq(runs.messageId, last.id));
    const stale = answering.filter(({ status }) => status === "running").map(({ id }) => id);
    return { asked, personId: thread.personId, stale };
  });
  if (revised === null) return null;
  for (const run of revised.stale) await ctx.runs.cancel(run);
  ctx.runs.launchInTurn(revised.asked.thread);
  emitRun(ctx, revised.personId, revised.asked);
  return revised.asked;
}

/** Locks and returns the message and its conversation, if that is still the chat's current one. */
async function editedOne(tx: Executor, { edits, chat }: Revision) {
  const [message] = await tx
    .select({ threadId: messages.threadId, parentId: messages.parentId })
    .from(messages)
    .where(eq(messages.externalId, edits));
  if (!message) return null;
  const [thread] = await tx.select().from(threads).where(eq(threads.id, message.threadId)).for("update");
  return thread?.current && thread.chat === chat ? { thread, parentId: message.parentId } : null;
}

async function lastQuestion(tx: Executor, headId: string | null) {
  if (headId === null) return null;
  const question = tx.select({ id: messages.parentId }).from(messages).where(eq(messages.id, headId));
  const [last] = await tx
    .select({ id: messages.id, parentId: messages.parentId, text: messages.text })
    .from(messages)
    .where(sql`${messages.id} = (${question})`);
  return last ?? null;
}

/** Whether a stored message has this text, alone or followed by the quote of the message it replies to. */
function saysTheSame(stored: string, text: string): boolean {
  if (!stored.startsWith(text)) return false;
  return /^$|^\n\n[^\n]{1,300}:\n> /.test(stored.slice(text.length));
}
