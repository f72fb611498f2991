/** A way to answer with a model; the eval compares several. */

export interface Conversation {
  answer: string;
  /** Model calls over all messages. */
  calls: number;
  /** Turns that broke the design's format: an unreadable call, or a step that broke its schema. */
  malformed: number;
}

export interface Design {
  name: "agent" | "direct" | "native" | "native-lenient";
  /** Sends the messages one after another in a new conversation; returns the answer to the last. */
  converse(say: readonly string[]): Promise<Conversation>;
}

/** System prompt of every plain design; the agent gets the date from its tools. */
export const PLAIN_SYSTEM =
  "You are StarAI, a friendly assistant in a Telegram chat. Now it is Monday, 23 November 2026, 14:05 UTC.";
