/** Which model answers a person: the one they chose while the catalogue still has it, otherwise the server's default. */
import { eq } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

export interface ModelChoice {
  /** The model that answers now. */
  model: string;
  /** False while they follow the server's default. */
  chosen: boolean;
}

/** The model for a person's next run. A choice whose model left the catalogue falls back instead of failing. */
export function modelOf(ctx: Pick<AppContext, "catalogue" | "config">, person: { model: string | null }): string {
  return person.model !== null && ctx.catalogue.has(person.model) ? person.model : ctx.config.defaultModel;
}

/** What a person chose; somebody never seen follows the default. */
export async function getModelChoice(ctx: AppContext, telegramId: number): Promise<ModelChoice> {
  const [person] = await ctx.db.select({ model: people.model }).from(people).where(eq(people.telegramId, telegramId));
  const model = modelOf(ctx, { model: person?.model ?? null });
  return { model, chosen: person?.model === model };
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
  if (input.model !== null && !ctx.catalogue.has(input.model))
    throw new Refusal("model_not_found", `There is no model "${input.model}"; GET /api/models lists them.`, {
      param: "model",
    });
  await ctx.db
    .insert(people)
    .values(input)
    .onConflictDoUpdate({ target: people.telegramId, set: { model: input.model } });
  return { model: modelOf(ctx, input), chosen: input.model !== null };
}
