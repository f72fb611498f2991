/** Telegram's HTML parse mode: a fixed set of tags, properly nested, four named entities. */
import type { MessageEntity } from "@grammyjs/types";
import { byteOffset, cannotParse } from "./formatted-text.ts";
import type { FormattedText } from "./formatted-text.ts";

const SIMPLE: Record<string, MessageEntity.CommonMessageEntity["type"]> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  code: "code",
};
const OTHERS = new Set(["a", "pre", "span", "blockquote", "tg-emoji", "tg-time"]);
const NAMED: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface OpenTag {
  name: string;
  attributes: Map<string, string>;
  offset: number;
}

/** Throws Telegram's "can't parse entities" with the byte offset. */
export function parseHtml(source: string): FormattedText {
  const entities: MessageEntity[] = [];
  const open: OpenTag[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    if (source[at] === "<") {
      const end = source.indexOf(">", at);
      const closing = source[at + 1] === "/";
      const where = byteOffset(source, at);
      if (end === -1) throw cannotParse(`Unclosed ${closing ? "end" : "start"} tag at byte offset ${where}`);
      if (closing)
        closeTag(
          source
            .slice(at + 2, end)
            .trim()
            .toLowerCase(),
          where,
        );
      else openTag(source.slice(at + 1, end), where);
      at = end + 1;
      continue;
    }
    const entity = source[at] === "&" ? decodeEntity(source, at) : null;
    text += entity?.text ?? source[at] ?? "";
    at += entity?.length ?? 1;
  }
  const last = open.at(-1);
  if (last) throw cannotParse(`Can't find end tag corresponding to start tag "${last.name}"`);
  return { text, entities };

  function openTag(inside: string, where: number): void {
    const name = /^[^\s/]*/.exec(inside)?.[0].toLowerCase() ?? "";
    if (!(name in SIMPLE) && !OTHERS.has(name))
      throw cannotParse(`Unsupported start tag "${name}" at byte offset ${where}`);
    const attributes = readAttributes(inside.slice(name.length));
    if (name === "span" && attributes.get("class") !== "tg-spoiler")
      throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${where}`);
    open.push({ name, attributes, offset: text.length });
  }

  function closeTag(name: string, where: number): void {
    const tag = open.pop();
    if (!tag) throw cannotParse(`Unexpected end tag at byte offset ${where}`);
    if (name !== "" && name !== tag.name)
      throw cannotParse(`Unmatched end tag at byte offset ${where}, expected "</${tag.name}>", found "</${name}>"`);
    const length = text.length - tag.offset;
    if (length === 0) return;
    const language = tag.name === "code" ? codeLanguage(tag) : null;
    if (language !== null && open.at(-1)?.name === "pre") open.at(-1)?.attributes.set("language", language);
    else if (!(tag.name === "code" && open.at(-1)?.name === "pre")) entities.push(...entityOf(tag, length, text));
  }
}

function entityOf(tag: OpenTag, length: number, text: string): MessageEntity[] {
  const place = { offset: tag.offset, length };
  const simple = SIMPLE[tag.name];
  if (simple) return [{ type: simple, ...place }];
  switch (tag.name) {
    case "pre": {
      const language = tag.attributes.get("language");
      return [{ type: "pre", ...place, ...(language === undefined ? {} : { language }) }];
    }
    case "span":
      return [{ type: "spoiler", ...place }];
    case "blockquote":
      return [{ type: tag.attributes.has("expandable") ? "expandable_blockquote" : "blockquote", ...place }];
    case "tg-emoji":
      return [{ type: "custom_emoji", ...place, custom_emoji_id: tag.attributes.get("emoji-id") ?? "" }];
    case "a": {
      const url = tag.attributes.get("href") ?? text.slice(tag.offset, tag.offset + length);
      return /^(https?|tg|mailto|tel):/i.test(url) ? [{ type: "text_link", ...place, url }] : [];
    }
    default:
      return [];
  }
}

function codeLanguage(tag: OpenTag): string | null {
  const named = tag.attributes.get("class");
  return named?.startsWith("language-") ? named.slice("language-".length) : null;
}

function readAttributes(source: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const match of source.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    const value = match[2] ?? match[3] ?? match[4] ?? "";
    attributes.set(
      (match[1] ?? "").toLowerCase(),
      value.replace(/&(\w+|#x?[\da-f]+);/gi, (whole) => decodeEntity(whole, 0)?.text ?? whole),
    );
  }
  return attributes;
}

function decodeEntity(source: string, at: number): { text: string; length: number } | null {
  const match = /^&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]+);/i.exec(source.slice(at, at + 12));
  const body = match?.[1];
  if (!match || body === undefined) return null;
  if (!body.startsWith("#")) {
    const named = NAMED[body];
    return named === undefined ? null : { text: named, length: match[0].length };
  }
  const code = /^#x/i.test(body) ? Number.parseInt(body.slice(2), 16) : Number(body.slice(1));
  return code === 0 || code > 0x10_ff_ff ? null : { text: String.fromCodePoint(code), length: match[0].length };
}
