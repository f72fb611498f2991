/** Changes to a conversation: create, rename, configure, choose a branch, make it the bot chat's current thread. */
import { and, eq, sql } from "drizzle-orm";
import type { Persona } from "@starai/protocol/personas";
import type { AppContext } from "../context.ts";
import type { Executor } from "../db/executor.ts";
import { privateChat } from "../db/private-chat.ts";
import { messages, people, threads } from "../db/schema.ts";
import { Refusal, assert } from "../errors.ts";
import { requireModel } from "./choose-model.ts";
import { lockOwnThread, noMessage, noThread, ownedBy } from "./own-thread.ts";
import type { Owner } from "./own-thread.ts";
import { factsOf } from "./read-thread.ts";
import type { ThreadFacts } from "./read-thread.ts";

/** Conversations of one person; nobody reads more. */
export const THREADS_PER_PERSON_MAX = 10_000;
/** Pinned conversations: few enough to fit on the list's first page with room for others. */
export const PINS_MAX = 20;
/** Messages walked down a branch at most: a fortnight at one a minute. */
const BRANCH_MAX = 20_000;

/** Creates a conversation, or returns the person's existing one that is still empty and not configured. */
export async function createThread(ctx: AppContext, owner: Owner): Promise<ThreadFacts> {
  const thread = await ctx.db.transaction(async (tx) => {
    const persona = await lockPerson(tx, owner);
    const [empty] = await tx
      .select()
      .from(threads)
      .where(and(ownedBy(owner), untouched, sql`persona is not distinct from ${persona}`))
      .limit(1);
    if (empty) return empty;
    await refuseHoard(tx, owner);
    const [made] = await tx
      .insert(threads)
      .values({ personId: owner.id, chat: privateChat(owner.telegramId), current: false, persona })
      .returning();
    assert(made !== undefined, "an insert returns its row");
    return made;
  });
  emitThread(ctx, owner, thread.id);
  return factsOf(thread);
}

const untouched = sql`head_id is null and not current and title = '' and model is null and instructions = '' and not pinned and not archived`;

async function refuseHoard(tx: Executor, owner: Owner): Promise<void> {
  if ((await tx.$count(threads, eq(threads.personId, owner.id))) < THREADS_PER_PERSON_MAX) return;
  throw new Refusal("conflict", `You have ${THREADS_PER_PERSON_MAX} conversations; delete some to begin another.`);
}

export interface ThreadChange {
  title?: string | undefined;
  model?: string | null | undefined;
  persona?: Persona | null | undefined;
  instructions?: string | undefined;
  /** Pinned above the others in the list; a pinned conversation cannot be archived. */
  pinned?: boolean | undefined;
  archived?: boolean | undefined;
  /** True: becomes the current thread of the bot's chat. */
  current?: true | undefined;
}

/** @throws Refusal `not_found`, `model_not_found`, or `conflict` where too many are pinned */
export async function changeThread(
  ctx: AppContext,
  owner: Owner,
  { thread: id, ...change }: ThreadChange & { thread: string },
): Promise<ThreadFacts> {
  if (change.model !== undefined) requireModel(ctx, change.model);
  const set = withConsequences(change);
  const { changed, left } = await ctx.db.transaction(async (tx) => {
    await lockPerson(tx, owner);
    const thread = await lockOwnThread(tx, owner, id);
    if (Object.keys(set).length === 0) return { changed: thread, left: null };
    if (change.pinned === true && !thread.pinned) await refuseManyPins(tx, owner);
    const left = change.current && !thread.current ? await leaveCurrent(tx, owner) : null;
    const [changed] = await tx.update(threads).set(set).where(eq(threads.id, id)).returning();
    assert(changed !== undefined, "a locked row is there");
    return { changed, left };
  });
  if (left !== null) emitThread(ctx, owner, left);
  emitThread(ctx, owner, id);
  return factsOf(changed);
}

/** Adds the implied changes: a name given by hand stays, and a thread is pinned or archived, never both. */
function withConsequences(change: ThreadChange) {
  return {
    ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
    ...(change.title !== undefined && { titledBy: "person" as const }),
    ...(change.archived === true && { pinned: false }),
    ...(change.pinned === true && { archived: false }),
  };
}

async function refuseManyPins(tx: Executor, owner: Owner): Promise<void> {
  if ((await tx.$count(threads, and(ownedBy(owner), eq(threads.pinned, true)))) < PINS_MAX) return;
  throw new Refusal("conflict", `${PINS_MAX} conversations are pinned already; unpin one first.`);
}

/** The same for the bot: makes this the current thread of the person's chat. @throws Refusal `not_found` */
export async function makeCurrent(
  ctx: AppContext,
  { telegramId, thread }: { telegramId: number; thread: string },
): Promise<ThreadFacts> {
  const [person] = await ctx.db.select({ id: people.id }).from(people).where(eq(people.telegramId, telegramId));
  if (!person) throw noThread(thread);
  return await changeThread(ctx, { id: person.id, telegramId }, { thread, current: true });
}

async function leaveCurrent(tx: Executor, owner: Owner): Promise<string | null> {
  const [left] = await tx
    .update(threads)
    .set({ current: false })
    .where(and(eq(threads.chat, privateChat(owner.telegramId)), eq(threads.current, true)))
    .returning({ id: threads.id });
  return left?.id ?? null;
}

/**
 * Locks the person's row, as every change of their current thread does, so that two such changes are serialized.
 * Returns the persona their new threads begin with.
 */
async function lockPerson(tx: Executor, owner: Owner): Promise<string | null> {
  const [person] = await tx
    .select({ persona: people.persona })
    .from(people)
    .where(eq(people.id, owner.id))
    .for("update");
  return person?.persona ?? null;
}

/** Goes to the branch through this message: down to its newest end. @throws Refusal `not_found` */
export async function chooseBranch(
  ctx: AppContext,
  owner: Owner,
  { thread, message }: { thread: string; message: string },
): Promise<{ head: string }> {
  const head = await ctx.db.transaction(async (tx) => {
    await lockOwnThread(tx, owner, thread);
    const tip = await tipBelow(tx, thread, message);
    await tx.update(threads).set({ headId: tip }).where(eq(threads.id, thread));
    return tip;
  });
  emitThread(ctx, owner, thread);
  return { head };
}

async function tipBelow(tx: Executor, thread: string, message: string): Promise<string> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    with recursive down as (
      select id, 1 as depth from ${messages} where id = ${message} and thread_id = ${thread}
      union all
      select child.id, depth + 1 from down cross join lateral (
        select id from ${messages} where parent_id = down.id order by seq desc limit 1
      ) child where depth < ${BRANCH_MAX}
    )
    select id from down order by depth desc limit 1`);
  if (!rows[0]) throw noMessage(message);
  return rows[0].id;
}

function emitThread(ctx: AppContext, owner: Owner, id: string): void {
  ctx.changes.emit(`person:${owner.id}`, { type: "thread", id });
}
