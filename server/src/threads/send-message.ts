/** A message from the app: at the end of the chosen branch, after another message, or in place of one (edit). */
import { and, eq } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { emitRun } from "../agent/emit-run.ts";
import type { Executor } from "../db/executor.ts";
import { messages, people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { ask, askAgain, findAsked } from "./ask.ts";
import type { Asked } from "./ask.ts";
import { modelOf } from "./choose-model.ts";
import { lockOwnThread, noMessage, threadOfOwnMessage } from "./own-thread.ts";
import type { Owner, ThreadRow } from "./own-thread.ts";
import { nameAfter } from "./title-of.ts";

export interface AppMessage {
  thread: string;
  /** Chosen by the client; has one effect within one person's messages. */
  externalId: string;
  text: string;
  /** An answer of this thread to go on from; without it, the end of the chosen branch. */
  parent?: string | undefined;
  /** A question of this thread to edit: the new one becomes its sibling. */
  edits?: string | undefined;
}

/** @throws Refusal `not_found`, `queue_full`, `conflict` or `invalid_request`; nothing is stored then. */
export async function sendMessage(ctx: AppContext, owner: Owner, input: AppMessage): Promise<Asked> {
  const externalId = externalIdOf(owner, input.externalId);
  const asked = await ctx.db.transaction(async (tx) => {
    const thread = await lockOwnThread(tx, owner, input.thread);
    const known = await findAsked(tx, externalId);
    if (known) return known;
    const parentId = await parentOf(tx, thread, input);
    await nameAfter(tx, thread, { text: input.text, parentId });
    return await ask(tx, { ...(await asking(ctx, tx, owner, thread)), parentId, text: input.text, externalId });
  });
  return begun(ctx, owner, asked);
}

/**
 * Another answer to a question; `message` is the question or one of its answers.
 * @throws Refusal `not_found`, `queue_full` or `conflict`; nothing is stored then.
 */
export async function regenerate(
  ctx: AppContext,
  owner: Owner,
  input: { message: string; externalId: string },
): Promise<Asked> {
  const externalId = externalIdOf(owner, input.externalId);
  const asked = await ctx.db.transaction(async (tx) => {
    const thread = await lockOwnThread(tx, owner, await threadOfOwnMessage(tx, owner, input.message));
    const known = await findAsked(tx, externalId);
    if (known) return known;
    const { id, role, parentId } = await messageIn(tx, thread.id, input.message);
    const messageId = role === "user" ? id : (parentId ?? id);
    return await askAgain(tx, { ...(await asking(ctx, tx, owner, thread)), messageId, externalId });
  });
  return begun(ctx, owner, asked);
}

/** Scopes a client's id to its person, so that nobody reaches another's message by guessing an id. */
function externalIdOf(owner: Owner, id: string): string {
  return `app:${owner.id}:${id}`;
}

async function asking(ctx: AppContext, tx: Executor, owner: Owner, thread: ThreadRow) {
  const [person] = await tx.select({ model: people.model }).from(people).where(eq(people.id, owner.id));
  return { threadId: thread.id, model: modelOf(ctx, person ?? { model: null }, thread), mirrored: thread.current };
}

async function parentOf(tx: Executor, thread: ThreadRow, { parent, edits }: AppMessage): Promise<string | null> {
  if (edits !== undefined) {
    const edited = await messageIn(tx, thread.id, edits);
    if (edited.role === "user") return edited.parentId;
    throw new Refusal("invalid_request", "Only one's own messages can be edited; an answer can be asked for again.");
  }
  if (parent === undefined) return thread.headId;
  const followed = await messageIn(tx, thread.id, parent);
  if (followed.role === "assistant") return followed.id;
  throw new Refusal("invalid_request", "A message follows an answer; `parent` names a question.", { param: "parent" });
}

async function messageIn(tx: Executor, threadId: string, id: string) {
  const [message] = await tx
    .select({ id: messages.id, role: messages.role, parentId: messages.parentId })
    .from(messages)
    .where(and(eq(messages.id, id), eq(messages.threadId, threadId)));
  if (!message) throw noMessage(id);
  return message;
}

function begun(ctx: AppContext, owner: Owner, asked: Asked): Asked {
  ctx.runs.launchInTurn(asked.thread);
  emitRun(ctx, owner.id, asked);
  ctx.changes.emit("bot", { type: "mirror" });
  return asked;
}
