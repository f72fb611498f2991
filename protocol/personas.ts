/**
 * Ways of answering a person may choose for a thread. Names, descriptions and the instructions themselves are texts:
 * `persona.<id>.name`, `persona.<id>.about` and `persona.<id>.instructions` in locales/. The translator has no
 * instructions but turns each message into a question (`into_english`, `into_russian`).
 */
export const PERSONAS = ["concise", "teacher", "translator", "coder", "friend"] as const;
export type Persona = (typeof PERSONAS)[number];

/** Own instructions: a long paragraph, which a narrow context can still carry beside a conversation. */
export const INSTRUCTIONS_CHARS_MAX = 1_000;

/** What a person says of themselves for all chats: it is read with every question, so it is half as long. */
export const ABOUT_CHARS_MAX = 500;
