/**
 * Adds to each question how the person wants to be answered in this thread. As an exchange at the thread's beginning it
 * had no effect on a small model: the examples that all runs share outweigh earlier turns. Added to the question, it
 * leaves the shared turns in the prefix cache, and it carries no more weight than other text the person writes.
 */
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { markAbout } from "./data-marks.ts";
import { speaksRussian } from "./outcome-text.ts";

export interface PersonaWish {
  /** A preset's id; null or an unknown id means the plain preset. */
  persona: string | null;
  /** The person's own words, beside the preset. */
  instructions: string;
  /** The person's description of themselves, used in all their chats. */
  about: string;
  language: string;
}

/** The question followed by the person's description of themselves and their wishes; unchanged if there is neither. */
export function questionWithPersona(question: string, { persona, instructions, about, language }: PersonaWish): string {
  const texts: Record<string, string> = speaksRussian(language) ? ru : en;
  // Functions as replacements, because String.replace reads `$&` and the like in a person's text as patterns.
  const put = (key: string, slot: string, text: string) => (texts[key] ?? "").replace(`{{${slot}}}`, () => text);
  const asked = persona === "translator" ? put(translationOf(question), "question", question) : question;
  const preset = texts[`persona.${persona ?? "plain"}.instructions`] ?? "";
  const wishes = [preset, instructions].filter((wish) => wish !== "").join("\n");
  return [
    asked,
    ...(about === "" ? [] : [put("persona.about_frame", "about", markAbout(about))]),
    ...(wishes === "" ? [] : [put("persona.frame", "instructions", wishes)]),
  ].join("\n\n");
}

/**
 * Words a translation as a request: worded as a style, it made a small model answer the text instead of translating it.
 */
function translationOf(question: string): string {
  return /[а-яё]/iu.test(question) ? "persona.translator.into_english" : "persona.translator.into_russian";
}
