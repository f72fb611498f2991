/** A thread's first name: the first line of what it begins with. */
const TITLE_CHARS_MAX = 60;

export function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  const characters = Array.from(line);
  return characters.length <= TITLE_CHARS_MAX ? line : `${characters.slice(0, TITLE_CHARS_MAX - 1).join("")}…`;
}
