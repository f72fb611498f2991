/**
 * A model's Markdown without the parts of Telegram's rich Markdown that act: HTML tags (buttons, maps, media),
 * pictures that clients fetch by themselves (a way to leak what was said), and links other than to the web.
 * What is taken out of its meaning stays readable as text; code is left as it is.
 */
import { segments } from "./markdown-code.ts";

export function safeMarkdown(text: string): string {
  return segments(text)
    .map((segment) => (segment.kind === "prose" ? defuse(segment.text) : segment.text))
    .join("");
}

function defuse(prose: string): string {
  return prose
    .replace(/<(?=[A-Za-z/!?])/g, "&lt;")
    .replace(/!(?=\[)/g, "\\!")
    .replace(/\]\((?!\s*<?(?:https?:\/\/|mailto:|#))/gi, "]\\(")
    .replace(/^( {0,3})\[(?=[^\]\n]{1,200}\]:(?!\s*<?(?:https?:\/\/|mailto:)))(?!\^)/gim, "$1\\[");
}
