/**
 * What a message replies to, told to the model behind the message. Each of its lines carries the mark of a quote, so
 * nothing that is quoted can end the quote and speak for the person.
 */
import { eq } from "drizzle-orm";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { speaksRussian } from "../agent/outcome-text.ts";
import type { Executor } from "../db/executor.ts";
import { messages } from "../db/schema.ts";

export interface RepliedTo {
  /** Who wrote it; null: the assistant. */
  name: string | null;
  text: string;
  /** A part of it that the person picked out, rather than the whole message. */
  picked: boolean;
}

/** The message as the model is to read it, behind the answer `after`. */
export async function withContext(
  tx: Executor,
  message: { text: string; repliedTo?: RepliedTo | undefined; language: string; after: string | null },
): Promise<string> {
  const { text, language, after } = message;
  const repliedTo = message.repliedTo && withoutNote(message.repliedTo);
  if (repliedTo === undefined || (await isLastAnswer(tx, after, repliedTo))) return text;
  return withRepliedTo(text, repliedTo, language);
}

export function withRepliedTo(text: string, { name, text: quoted }: RepliedTo, language: string): string {
  const texts = speaksRussian(language) ? ru : en;
  // A function, because a name may hold what String.replace reads as a pattern.
  const heading =
    name === null
      ? texts["message.about_answer"]
      : texts["message.about_message"].replace("{{name}}", () => name.replace(/\s+/g, " "));
  const lines = quoted.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => `> ${line}`);
  return [text, "", heading, ...lines].join("\n");
}

/** Whether the thread's last answer is what is replied to: the model has read it just before. */
async function isLastAnswer(tx: Executor, headId: string | null, replied: RepliedTo): Promise<boolean> {
  if (headId === null || replied.picked || replied.name !== null) return false;
  const [head] = await tx.select({ text: messages.text }).from(messages).where(eq(messages.id, headId));
  const words = wordsOf(replied.text);
  return words !== "" && wordsOf(head?.text ?? "").includes(words);
}

/** What the bot writes under a first answer is no part of it. */
function withoutNote(replied: RepliedTo): RepliedTo {
  const note = [en, ru].map((texts) => texts["chat.may_be_wrong"]).find((note) => replied.text.endsWith(note));
  if (note === undefined || replied.name !== null) return replied;
  return { ...replied, text: replied.text.slice(0, -note.length).trimEnd() };
}

/** Letters and digits alone: Telegram gives an answer back without the marks it was written with. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, "");
}
