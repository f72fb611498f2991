import { plainText } from "../../lib/plain-text.ts";

/** Enough to tell one message from another. */
const CHARS = 40;

/** The beginning of a message as a name for it. */
export function firstWords(text: string): string {
  // Converts only the beginning of a long answer.
  const letters = Array.from(plainText(text.slice(0, CHARS * 10)));
  if (letters.length <= CHARS) return letters.join("");
  const cut = letters.slice(0, CHARS).join("");
  return `${cut.includes(" ") ? cut.slice(0, cut.lastIndexOf(" ")) : cut}…`;
}
