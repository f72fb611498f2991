/**
 * How a person wants to be answered in a thread, said with each question. As an exchange at the thread's beginning it
 * changed nothing in what a small model wrote: the examples every run shares outweigh what stands further back. The
 * shared turns stay warm for everybody, and a wish has no more say than anything else a person writes.
 */
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { markAbout } from "./data-marks.ts";
import { speaksRussian } from "./outcome-text.ts";

export interface PersonaWish {
  /** A preset's id; null, or one that is no more, is the plain one. */
  persona: string | null;
  /** The person's own words, beside the preset. */
  instructions: string;
  /** What the person says of themselves, for every chat of theirs. */
  about: string;
  language: string;
}

/** The question with what the person says of themselves and the wishes behind it, or as it is where there is neither. */
export function questionWithPersona(question: string, { persona, instructions, about, language }: PersonaWish): string {
  const texts: Record<string, string> = speaksRussian(language) ? ru : en;
  // Functions, because a person's text may hold what String.replace reads as a pattern.
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

/** A translation is asked for, not wished: told as a style, a small model answered what it was to translate. */
function translationOf(question: string): string {
  return /[а-яё]/iu.test(question) ? "persona.translator.into_english" : "persona.translator.into_russian";
}
