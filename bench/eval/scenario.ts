/** One scenario's messages, and how the last answer is judged. */
import type { Expectation } from "./check-answer.ts";

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
