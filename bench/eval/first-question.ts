/** What a newcomer asks first, and how the answer is judged. */
import type { Expectation } from "./check-answer.ts";

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
