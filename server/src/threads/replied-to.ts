/**
 * Quotes the message that another replies to, after the reply's own text in the prompt. Every quoted line carries a
 * quote mark, so quoted text cannot end the quote and pass as the person's own.
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
  /** True when this is a part selected by the person, not the whole message. */
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
  // A function as replacement, because String.replace reads `$&` and the like in a name as patterns.
  const heading =
    name === null
      ? texts["message.about_answer"]
      : texts["message.about_message"].replace("{{name}}", () => name.replace(/\s+/g, " "));
  const lines = quoted.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => `> ${line}`);
  return [text, "", heading, ...lines].join("\n");
}

/** Whether the message replies to the thread's last answer, which the model has just read anyway. */
async function isLastAnswer(tx: Executor, headId: string | null, replied: RepliedTo): Promise<boolean> {
  if (headId === null || replied.picked || replied.name !== null) return false;
  const [head] = await tx.select({ text: messages.text }).from(messages).where(eq(messages.id, headId));
  const words = wordsOf(replied.text);
  return words !== "" && wordsOf(head?.text ?? "").includes(words);
}

/** Removes the bot's note under a first answer, which is not part of the answer. */
function withoutNote(replied: RepliedTo): RepliedTo {
  const note = [en, ru].map((texts) => texts["chat.may_be_wrong"]).find((note) => replied.text.endsWith(note));
  if (note === undefined || replied.name !== null) return replied;
  return { ...replied, text: replied.text.slice(0, -note.length).trimEnd() };
}

/** Compares letters and digits only: Telegram returns an answer without its Markdown marks. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, "");
}
