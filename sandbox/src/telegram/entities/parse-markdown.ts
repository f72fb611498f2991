/** Telegram's old Markdown mode: bold, italic, code, links; nothing nests. */
import type { MessageEntity } from "@grammyjs/types";
import { byteOffset, cannotParse } from "./formatted-text.ts";
import type { FormattedText } from "./formatted-text.ts";

const ENDS: Record<string, string> = { "*": "*", _: "_", "`": "`", "```": "```", "[": "]" };

/** Throws Telegram's "can't parse entities" with the byte offset of what does not close. */
export function parseMarkdown(source: string): FormattedText {
  const entities: MessageEntity[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    const char = source[at] ?? "";
    if (char === "\\" && "_*`[".includes(source[at + 1] ?? " ")) {
      text += source[at + 1] ?? "";
      at += 2;
      continue;
    }
    const mark = source.startsWith("```", at) ? "```" : char;
    const closing = ENDS[mark];
    if (closing === undefined) {
      text += char;
      at += 1;
      continue;
    }
    const from = at + mark.length;
    const end = source.indexOf(closing, from);
    if (end === -1) throw cannotParse(`Can't find end of the entity starting at byte offset ${byteOffset(source, at)}`);
    const inside = source.slice(from, end);
    const place = { offset: text.length, length: inside.length };
    text += inside;
    at = end + closing.length;
    if (mark === "[") {
      const link = /^\(([^)]*)\)/.exec(source.slice(at));
      if (link) {
        entities.push({ type: "text_link", ...place, url: link[1] ?? "" });
        at += link[0].length;
      }
    } else if (inside.length > 0) entities.push({ type: typeOf(mark), ...place });
  }
  return { text, entities };
}

function typeOf(mark: string): "bold" | "italic" | "code" | "pre" {
  if (mark === "*") return "bold";
  if (mark === "_") return "italic";
  return mark === "`" ? "code" : "pre";
}
