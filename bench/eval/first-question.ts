/** What a newcomer asks first, and how the answer is judged. */
import type { Expectation } from "./check-answer.ts";

export interface FirstQuestion {
  id: string;
  language: "en" | "ru";
  /** `chip`: a suggestion of the app; the agent is tuned to these, and all must be right. */
  split: "dev" | "held-out" | "chip";
  say: string;
  /** All must hold. */
  right: readonly Expectation[];
  /** None may match, not even in a modest answer. */
  wrong?: readonly RegExp[];
  /** Whether "I cannot know that" is a good answer too; any other answer that is not right counts as invented. */
  mayBeModest?: true;
}
