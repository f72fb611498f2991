/**
 * What newcomers ask first: 20 questions in English and 20 in Russian, half of each held out from tuning, and every
 * suggestion the app shows in an empty chat. The answers were fixed before anything was tuned to them.
 */
import type { Expectation } from "./check-answer.ts";
import { CHIPS } from "./first-chips.ts";
import { FIRST_ENGLISH } from "./first-english.ts";
import { FIRST_RUSSIAN } from "./first-russian.ts";

export interface FirstQuestion {
  id: string;
  language: "en" | "ru";
  /** Chips are what we ourselves suggest: they are tuned to, and all must be right. */
  split: "dev" | "held-out" | "chip";
  say: string;
  /** All must hold. */
  right: readonly Expectation[];
  /** None may match, also not in a modest answer. */
  wrong?: readonly RegExp[];
  /** Whether "I cannot know that" is a good answer too. Then whatever is neither right nor modest was made up. */
  mayBeModest?: true;
}

export const FIRST_QUESTIONS: readonly FirstQuestion[] = [...CHIPS, ...FIRST_ENGLISH, ...FIRST_RUSSIAN];
