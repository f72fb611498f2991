/** A way to answer with a model: what the eval sets side by side. */

export interface Conversation {
  answer: string;
  /** Model calls over all messages. */
  calls: number;
  /** Turns that were not in the form the design needs: a call nobody could read, a step that broke its schema. */
  malformed: number;
}

export interface Design {
  name: "agent" | "direct" | "native" | "native-lenient";
  /** Says the messages one after another in a new conversation; the answer is to the last. */
  converse(say: readonly string[]): Promise<Conversation>;
}

/** What every plain design is told; the agent finds the date by its tools. */
export const PLAIN_SYSTEM =
  "You are StarAI, a friendly assistant in a Telegram chat. Now it is Monday, 23 November 2026, 14:05 UTC.";
