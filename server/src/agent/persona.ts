/**
 * How a person wants to be answered in a thread, said with each question. As an exchange at the thread's beginning it
 * changed nothing in what a small model wrote: the examples every run shares outweigh what stands further back. The
 * shared turns stay warm for everybody, and a wish has no more say than anything else a person writes.
 */
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { speaksRussian } from "./outcome-text.ts";

export interface PersonaWish {
  /** A preset's id; null, or one that is no more, is the plain one. */
  persona: string | null;
  /** The person's own words, beside the preset. */
  instructions: string;
  language: string;
}

/** The question with the wishes behind it, or as it is where nothing is wished. */
export function questionWithPersona(question: string, { persona, instructions, language }: PersonaWish): string {
  const texts: Record<string, string> = speaksRussian(language) ? ru : en;
  const preset = persona === null ? "" : (texts[`persona.${persona}.instructions`] ?? "");
  const wishes = [preset, instructions].filter((wish) => wish !== "").join("\n");
  if (wishes === "") return question;
  // A function, because a person's text may hold what String.replace reads as a pattern.
  return `${question}\n\n${(texts["persona.frame"] ?? "").replace("{{instructions}}", () => wishes)}`;
}
