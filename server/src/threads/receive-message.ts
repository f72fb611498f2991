/**
 * A message enters a conversation: it is stored, with the run that will answer it, before anything else happens.
 *
 * One run of a thread works at a time, in the order the messages came. A message that arrives meanwhile is stored
 * with a run that waits its turn (see run-order.ts), so nobody's answer is computed without the one before it.
 */
import { and, eq, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { messages, runs } from "../db/schema.ts";
import { Refusal, assert } from "../errors.ts";
import { modelOf } from "./choose-model.ts";
import { openThread, upsertPerson } from "./open-thread.ts";
import type { Executor, PersonInput } from "./open-thread.ts";
import { launchInTurn } from "./run-order.ts";

/** Running and waiting runs of one thread: whoever sends a ninth message has stopped waiting for answers. */
export const RUNS_PER_THREAD_MAX = 8;
const TITLE_CHARS_MAX = 60;

export interface MessageInput {
  person: PersonInput;
  /** The surface's own name of the chat, e.g. `telegram:42`. */
  chat: string;
  /** The same id has one effect, however often it is sent. */
  externalId: string;
  text: string;
}

export interface ReceivedMessage {
  run: string;
  thread: string;
  /** True when this external id was known: the run is the one of the first time. */
  repeated: boolean;
}

/** @throws Refusal `queue_full` when the thread has too many unanswered messages; nothing is stored then. */
export async function receiveMessage(ctx: AppContext, input: MessageInput): Promise<ReceivedMessage> {
  const received = await ctx.db.transaction(async (tx) => {
    const known = await findRun(tx, input.externalId);
    if (known) return known;
    const person = await upsertPerson(tx, input.person);
    const thread = await openThread(tx, { chat: input.chat, personId: person.id, title: titleOf(input.text) });
    await refuseFlood(tx, thread.id);
    const [message] = await tx
      .insert(messages)
      .values({ threadId: thread.id, role: "user", text: input.text, externalId: input.externalId })
      .onConflictDoNothing({ target: messages.externalId })
      .returning({ id: messages.id });
    if (!message) return await existing(tx, input.externalId);
    return {
      run: await insertRun(tx, thread.id, message.id, modelOf(ctx, person)),
      thread: thread.id,
      repeated: false,
    };
  });
  // Launched when repeated too: launching is idempotent, and the first time may have died before it.
  launchInTurn(ctx, received.run);
  return received;
}

function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  const characters = Array.from(line);
  return characters.length <= TITLE_CHARS_MAX ? line : `${characters.slice(0, TITLE_CHARS_MAX - 1).join("")}…`;
}

async function findRun(tx: Executor, externalId: string): Promise<ReceivedMessage | null> {
  const [row] = await tx
    .select({ run: runs.id, thread: runs.threadId })
    .from(messages)
    .innerJoin(runs, eq(runs.messageId, messages.id))
    .where(eq(messages.externalId, externalId));
  return row ? { ...row, repeated: true } : null;
}

/** The other of two simultaneous deliveries won and has committed, otherwise the insert would still wait for it. */
async function existing(tx: Executor, externalId: string): Promise<ReceivedMessage> {
  const found = await findRun(tx, externalId);
  assert(found !== null, "a stored message has a run");
  return found;
}

async function refuseFlood(tx: Executor, threadId: string): Promise<void> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(runs)
    .where(and(eq(runs.threadId, threadId), eq(runs.status, "running")));
  if ((row?.count ?? 0) < RUNS_PER_THREAD_MAX) return;
  throw new Refusal(
    "queue_full",
    `${RUNS_PER_THREAD_MAX} messages of this chat still wait for their answers; send the next one after an answer.`,
    { retryAfterS: 10 },
  );
}

async function insertRun(tx: Executor, threadId: string, messageId: string, model: string): Promise<string> {
  const [run] = await tx.insert(runs).values({ threadId, messageId, model }).returning({ id: runs.id });
  assert(run !== undefined, "an insert returns its row");
  return run.id;
}
