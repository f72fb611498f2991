/** A text as one line of at most `max` characters; what is left out is marked by an ellipsis at that end. */
export function shorten(text: string, max: number, keep: "start" | "end" = "start"): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  if (characters.length <= max) return line;
  return keep === "start" ? `${characters.slice(0, max - 1).join("")}…` : `…${characters.slice(1 - max).join("")}`;
}

/** The first `max` UTF-16 units at most, with its lines as they are; never half a character, such as half an emoji. */
export function beginning(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
