/**
 * Everyday things people ask a chat bot, each with an honest check of the last answer.
 * The design was tuned on the `dev` half only; `held-out` tells whether that carried over.
 */
import type { Expectation } from "./check-answer.ts";
import { ENGLISH } from "./scenarios-english.ts";
import { RUSSIAN } from "./scenarios-russian.ts";

export interface Scenario {
  id: string;
  language: "en" | "ru";
  split: "dev" | "held-out";
  kind:
    | "chat"
    | "sums"
    | "percent"
    | "clock"
    | "dates"
    | "units"
    | "facts"
    | "memory"
    | "cannot"
    | "injection"
    | "writing";
  /** What the person writes, message by message; each is answered, the last answer is judged. */
  say: readonly string[];
  /** All must hold. */
  right: readonly Expectation[];
  /** None may match. */
  wrong?: readonly RegExp[];
  /** Whether an answer without any tool is what one would expect; its time is compared with the direct answer's. */
  plain?: true;
}

/** The clock of every scenario: Monday, 23 November 2026, 14:05 UTC. */
export const EVAL_NOW = Date.UTC(2026, 10, 23, 14, 5);

export const SCENARIOS: readonly Scenario[] = [...ENGLISH, ...RUSSIAN];
