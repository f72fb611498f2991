/**
 * Adds a question to a thread: its message, the empty message of its answer and the run that will write it, all in
 * one transaction whose caller holds the lock on the thread's row. So a crash leaves all of it or nothing, and a repeat
 * under the same external id returns the first effect.
 */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { messages, runs, threads } from "../db/schema.ts";
import { Refusal, assert } from "../errors.ts";

/** Running and waiting runs of one thread; nobody waits for the answers of more. */
export const RUNS_PER_THREAD_MAX = 8;
/** The same over all threads of one person: days of work for a small pool. They wait here, not in the pool's queue. */
export const RUNS_PER_PERSON_MAX = 1_000;
/** Alternatives of one message: more than anybody compares, few enough to be listed with it. */
export const ALTERNATIVES_MAX = 50;

export interface Asked {
  run: string;
  /** The question. */
  message: string;
  answer: string;
  thread: string;
  /** True when this external id was known: nothing changed. */
  repeated: boolean;
}

export interface Question {
  threadId: string;
  parentId: string | null;
  text: string;
  externalId: string;
  model: string;
  /** Whether the bot has to show it in the thread's chat. */
  mirrored: boolean;
}

/** @throws Refusal `queue_full`, or `conflict` where a message has too many alternatives; nothing is stored then. */
export async function ask(tx: Executor, question: Question): Promise<Asked> {
  const { threadId, parentId, text, externalId } = question;
  await refuseFlood(tx, threadId);
  await refuseCrowd(tx, threadId, parentId);
  const [message] = await tx
    .insert(messages)
    .values({ threadId, parentId, role: "user", text, externalId })
    .onConflictDoNothing({ target: messages.externalId })
    .returning({ id: messages.id });
  if (!message) return await existing(tx, externalId);
  return await begin(tx, { ...question, messageId: message.id, externalId: null });
}

/** The same question once more: another answer beside the ones it has. @throws as `ask` */
export async function askAgain(
  tx: Executor,
  again: Omit<Question, "parentId" | "text"> & { messageId: string },
): Promise<Asked> {
  await refuseFlood(tx, again.threadId);
  await refuseCrowd(tx, again.threadId, again.messageId);
  return await begin(tx, again);
}

/** The stored effect of an external id; null when it is new. */
export async function findAsked(tx: Executor, externalId: string): Promise<Asked | null> {
  const [known] = await tx
    .select({ id: messages.id, role: messages.role })
    .from(messages)
    .where(eq(messages.externalId, externalId));
  if (!known) return null;
  const [run] = await tx
    .select({ run: runs.id, message: runs.messageId, answer: runs.answerId, thread: runs.threadId })
    .from(runs)
    .innerJoin(messages, eq(messages.id, runs.answerId))
    .where(known.role === "user" ? eq(runs.messageId, known.id) : eq(runs.answerId, known.id))
    .orderBy(asc(messages.seq))
    .limit(1);
  assert(run !== undefined, "a stored question has a run");
  return { ...run, repeated: true };
}

interface Beginning {
  threadId: string;
  messageId: string;
  /** The answer's external id, if the question is an old one. */
  externalId: string | null;
  model: string;
  mirrored: boolean;
}

async function begin(tx: Executor, { threadId, messageId, externalId, model, mirrored }: Beginning): Promise<Asked> {
  const [answer] = await tx
    .insert(messages)
    .values({ threadId, parentId: messageId, role: "assistant", text: "", externalId })
    .onConflictDoNothing({ target: messages.externalId })
    .returning({ id: messages.id });
  if (!answer) return await existing(tx, externalId ?? "");
  const [run] = await tx
    .insert(runs)
    .values({ threadId, messageId, answerId: answer.id, model, mirrored })
    .returning({ id: runs.id });
  assert(run !== undefined, "an insert returns its row");
  await tx
    .update(threads)
    .set({ headId: answer.id, archived: false, updatedAt: sql`now()` })
    .where(eq(threads.id, threadId));
  return { run: run.id, message: messageId, answer: answer.id, thread: threadId, repeated: false };
}

/** Reads the effect of a simultaneous delivery that won. It has committed: the insert would still wait otherwise. */
async function existing(tx: Executor, externalId: string): Promise<Asked> {
  const found = await findAsked(tx, externalId);
  assert(found !== null, "an external id in use belongs to a question");
  return found;
}

/** Simultaneous messages may exceed the person's limit, at most by the number of database connections. */
async function refuseFlood(tx: Executor, threadId: string): Promise<void> {
  const isWaiting = eq(runs.status, "running");
  const ofThread = await tx.$count(runs, and(eq(runs.threadId, threadId), isWaiting));
  if (ofThread >= RUNS_PER_THREAD_MAX) throw flood(RUNS_PER_THREAD_MAX, "of this chat");
  const person = tx.select({ id: threads.personId }).from(threads).where(eq(threads.id, threadId));
  const theirs = tx.select({ id: threads.id }).from(threads).where(inArray(threads.personId, person));
  const ofPerson = await tx.$count(runs, and(inArray(runs.threadId, theirs), isWaiting));
  if (ofPerson >= RUNS_PER_PERSON_MAX) throw flood(RUNS_PER_PERSON_MAX, "of yours");
}

function flood(waiting: number, whose: string): Refusal {
  const message = `${waiting} messages ${whose} still wait for their answers; send the next one after an answer.`;
  return new Refusal("queue_full", message, { retryAfterS: 10 });
}

async function refuseCrowd(tx: Executor, threadId: string, parentId: string | null): Promise<void> {
  const beside = parentId === null ? isNull(messages.parentId) : eq(messages.parentId, parentId);
  const siblings = await tx.$count(messages, and(eq(messages.threadId, threadId), beside));
  if (siblings < ALTERNATIVES_MAX) return;
  throw new Refusal("conflict", `There are ${ALTERNATIVES_MAX} alternatives here already; go on from one of them.`);
}
