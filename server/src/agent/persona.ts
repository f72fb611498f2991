/**
 * How a person wants to be answered in a thread, as an exchange at its beginning: asked by the person, agreed to by
 * the model in the form of its steps. It comes after the turns all runs share, which so stay warm for everybody, and it
 * has no more say than anything else a person writes.
 */
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import type { Said } from "./conversation.ts";
import { speaksRussian } from "./outcome-text.ts";

export interface PersonaWish {
  /** A preset's id; null, or one that is no more, is the plain one. */
  persona: string | null;
  /** The person's own words, beside the preset. */
  instructions: string;
  language: string;
}

/** Two turns, or none where nothing is wished. */
export function personaExchange({ persona, instructions, language }: PersonaWish): Said[] {
  const texts: Record<string, string> = speaksRussian(language) ? ru : en;
  const preset = persona === null ? "" : (texts[`persona.${persona}.instructions`] ?? "");
  const wishes = [preset, instructions].filter((wish) => wish !== "").join("\n");
  if (wishes === "") return [];
  return [
    // A function, because a person's text may hold what String.replace reads as a pattern.
    { role: "user", text: (texts["persona.frame"] ?? "").replace("{{instructions}}", () => wishes) },
    { role: "assistant", text: texts["persona.agreed"] ?? "" },
  ];
}
