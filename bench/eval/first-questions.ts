/**
 * What newcomers ask first: 20 questions in English and 20 in Russian, half of each held out from tuning, and every
 * suggestion the app shows in an empty chat. The answers were fixed before anything was tuned to them.
 */
import { CHIPS } from "./first-chips.ts";
import { FIRST_ENGLISH } from "./first-english.ts";
import type { FirstQuestion } from "./first-question.ts";
import { FIRST_RUSSIAN } from "./first-russian.ts";

export const FIRST_QUESTIONS: readonly FirstQuestion[] = [...CHIPS, ...FIRST_ENGLISH, ...FIRST_RUSSIAN];
