/** The persona chosen in a chat. It applies to the chat's current thread, which is created if there is none. */
import { and, eq } from "drizzle-orm";
import type { Persona } from "@starai/protocol/personas";
import type { AppContext } from "../context.ts";
import { threads } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { upsertPerson } from "../sessions/upsert-person.ts";
import type { PersonInput } from "../sessions/upsert-person.ts";
import { openThread } from "./open-thread.ts";

export interface PersonaChoice {
  /** null in a chat without a thread. */
  thread: string | null;
  /** A preset's id; null for the plain preset. */
  persona: string | null;
  instructions: string;
}

export async function getPersona(ctx: Pick<AppContext, "db">, chat: string): Promise<PersonaChoice> {
  const [thread] = await ctx.db
    .select({ thread: threads.id, persona: threads.persona, instructions: threads.instructions })
    .from(threads)
    .where(and(eq(threads.chat, chat), eq(threads.current, true)));
  return thread ?? { thread: null, persona: null, instructions: "" };
}

export interface PersonaInput {
  person: PersonInput;
  chat: string;
  /** Unchanged if absent. */
  persona?: Persona | null | undefined;
  instructions?: string | undefined;
}

export async function choosePersona(ctx: AppContext, input: PersonaInput): Promise<PersonaChoice> {
  const { persona, instructions } = input;
  const thread = await ctx.db.transaction(async (tx) => {
    const person = await upsertPerson(tx, input.person);
    const open = await openThread(tx, { chat: input.chat, person });
    const [changed] = await tx
      .update(threads)
      .set({ persona: persona === undefined ? open.persona : persona, instructions: instructions ?? open.instructions })
      .where(eq(threads.id, open.id))
      .returning();
    assert(changed !== undefined, "a locked row is there");
    return changed;
  });
  ctx.changes.emit(`person:${thread.personId}`, { type: "thread", id: thread.id });
  return { thread: thread.id, persona: thread.persona, instructions: thread.instructions };
}
