/**
 * A message enters the conversation of a chat: it is stored, with the run that will answer it, before anything else
 * happens.
 *
 * One run of a thread works at a time, in the order the messages came. A message that arrives meanwhile is stored
 * with a run that waits its turn (see agent/run-order.ts), so nobody's answer is computed without the one before it.
 */
import type { AppContext } from "../context.ts";
import { emitRun } from "../agent/emit-run.ts";
import { ask, findAsked } from "./ask.ts";
import type { Asked } from "./ask.ts";
import { modelOf } from "./choose-model.ts";
import { upsertPerson } from "../sessions/upsert-person.ts";
import type { PersonInput } from "../sessions/upsert-person.ts";
import { openThread } from "./open-thread.ts";
import { withContext } from "./replied-to.ts";
import type { RepliedTo } from "./replied-to.ts";
import { nameAfter } from "./title-of.ts";

export interface MessageInput {
  person: PersonInput;
  /** The surface's own name of the chat, e.g. `telegram:42`. */
  chat: string;
  /** The same id has one effect, however often it is sent. */
  externalId: string;
  text: string;
  /** The message it replies to; added to the prompt unless it is the answer just before. */
  repliedTo?: RepliedTo | undefined;
}

/** @throws Refusal `queue_full` when the thread has too many unanswered messages; nothing is stored then. */
export async function receiveMessage(ctx: AppContext, input: MessageInput): Promise<Asked> {
  const { asked, personId } = await ctx.db.transaction(async (tx) => {
    const person = await upsertPerson(tx, input.person);
    const known = await findAsked(tx, input.externalId);
    if (known) return { asked: known, personId: person.id };
    const thread = await openThread(tx, { chat: input.chat, person });
    await nameAfter(tx, thread, { text: input.text, parentId: thread.headId });
    const asked = await ask(tx, {
      threadId: thread.id,
      parentId: thread.headId,
      text: await withContext(tx, { ...input, language: input.person.language, after: thread.headId }),
      externalId: input.externalId,
      model: modelOf(ctx, person, thread),
      mirrored: false,
    });
    return { asked, personId: thread.personId };
  });
  // A repeat launches too: launching is idempotent, and the server may have crashed before the first launch.
  ctx.runs.launchInTurn(asked.thread);
  emitRun(ctx, personId, asked);
  return asked;
}
