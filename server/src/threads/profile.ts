/** A person's profile as the app shows it: identity, settings, and the available choices. */
import { eq } from "drizzle-orm";
import { ABOUT_CHARS_MAX, INSTRUCTIONS_CHARS_MAX, PERSONAS } from "@starai/protocol/personas";
import type { Persona } from "@starai/protocol/personas";
import { SEARCH_CHARS_MAX, TEXT_CHARS_MAX, TITLE_CHARS_MAX } from "@starai/protocol/text-limits";
import type { AppContext } from "../context.ts";
import { people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { modelOf, requireModel } from "./choose-model.ts";
import type { Owner } from "./own-thread.ts";

export async function readProfile(ctx: AppContext, owner: Owner) {
  const [person] = await ctx.db.select().from(people).where(eq(people.id, owner.id));
  if (!person) throw new Refusal("signed_out", "You are signed out: open the app again from the chat.");
  const model = modelOf(ctx, person);
  return {
    person: { id: person.id, name: person.name },
    /** Telegram's language, and the one chosen here instead; null follows Telegram. */
    language: { telegram: person.language, chosen: person.chosenLanguage },
    /** The model for threads without one of their own, and whether the person chose it. */
    model: { model, chosen: person.model === model },
    /** The person's description of themselves for every answer, and the persona of new chats. */
    about: { text: person.about, persona: person.persona },
    personas: PERSONAS,
    limits: {
      textChars: TEXT_CHARS_MAX,
      titleChars: TITLE_CHARS_MAX,
      instructionsChars: INSTRUCTIONS_CHARS_MAX,
      aboutChars: ABOUT_CHARS_MAX,
      searchChars: SEARCH_CHARS_MAX,
    },
    /** The bot's name in Telegram, without @; null where the server was not told. */
    bot: ctx.config.botUsername,
  };
}

export type Profile = Awaited<ReturnType<typeof readProfile>>;

/** @throws Refusal `model_not_found` */
export async function chooseMyModel(ctx: AppContext, owner: Owner, model: string | null): Promise<Profile> {
  requireModel(ctx, model);
  return await change(ctx, owner, { model });
}

export async function chooseMyLanguage(ctx: AppContext, owner: Owner, language: string | null): Promise<Profile> {
  return await change(ctx, owner, { chosenLanguage: language });
}

/** Stores the settings. Waiting runs read them when their turn comes; existing threads keep their persona. */
export async function tellAboutMe(
  ctx: AppContext,
  owner: Owner,
  { text: about, persona }: { text: string; persona: Persona | null },
): Promise<Profile> {
  return await change(ctx, owner, { about, persona });
}

type Choices = Partial<Pick<typeof people.$inferInsert, "model" | "chosenLanguage" | "about" | "persona">>;

async function change(ctx: AppContext, owner: Owner, set: Choices) {
  await ctx.db.update(people).set(set).where(eq(people.id, owner.id));
  ctx.changes.emit(`person:${owner.id}`, { type: "profile" });
  return await readProfile(ctx, owner);
}
