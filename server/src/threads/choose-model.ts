/**
 * The model that answers: the thread's own, else the person's choice, else the server's default; a chosen model that
 * is no longer in the catalogue is ignored. A choice made in the chat applies to the whole chat: it clears the own
 * choice of the private chat's current thread.
 */
import { and, eq } from "drizzle-orm";
import { chosenModel } from "../account/chosen-model.ts";
import type { AppContext } from "../context.ts";
import { privateChat } from "../db/private-chat.ts";
import { people, threads } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

export interface ModelChoice {
  /** The model that answers now. */
  model: string;
  /** False while they follow the server's default. */
  chosen: boolean;
}

/** The model for the next run. */
export function modelOf(
  ctx: Pick<AppContext, "catalogue" | "config">,
  person: { model: string | null },
  thread: { model: string | null } = { model: null },
): string {
  return chosenModel(ctx, [thread.model, person.model]);
}

/** The model of a person's private chat now; the default for an unknown person. */
export async function getModelChoice(ctx: AppContext, telegramId: number): Promise<ModelChoice> {
  const [row] = await ctx.db
    .select({ person: people.model, thread: threads.model })
    .from(people)
    .leftJoin(threads, and(eq(threads.chat, privateChat(telegramId)), eq(threads.current, true)))
    .where(eq(people.telegramId, telegramId));
  const model = modelOf(ctx, { model: row?.person ?? null }, { model: row?.thread ?? null });
  return { model, chosen: row?.person === model || row?.thread === model };
}

export interface ModelChoiceInput {
  telegramId: number;
  name: string;
  language: string;
  /** A catalogue id; `null` goes back to following the server's default. */
  model: string | null;
}

/** Stores a person's choice; runs that already exist keep their model. @throws Refusal `model_not_found` */
export async function chooseModel(ctx: AppContext, input: ModelChoiceInput): Promise<ModelChoice> {
  requireModel(ctx, input.model);
  const person = await ctx.db.transaction(async (tx) => {
    const [row] = await tx
      .insert(people)
      .values(input)
      .onConflictDoUpdate({ target: people.telegramId, set: { model: input.model } })
      .returning({ id: people.id });
    await tx
      .update(threads)
      .set({ model: null })
      .where(and(eq(threads.chat, privateChat(input.telegramId)), eq(threads.current, true)));
    return row;
  });
  if (person) ctx.changes.emit(`person:${person.id}`, { type: "all" });
  return { model: modelOf(ctx, input), chosen: input.model !== null };
}

/** @throws Refusal `model_not_found` */
export function requireModel(ctx: Pick<AppContext, "catalogue">, model: string | null): void {
  if (model === null || ctx.catalogue.has(model)) return;
  throw new Refusal("model_not_found", `There is no model "${model}"; GET /api/models lists them.`, { param: "model" });
}
