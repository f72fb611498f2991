/** Converts a text in a parse mode to plain text with entities. */
import type { MessageEntity } from "@grammyjs/types";
import { TelegramError } from "../telegram-error.ts";
import { detectEntities } from "./detect-entities.ts";
import type { FormattedText } from "./formatted-text.ts";
import { parseHtml } from "./parse-html.ts";
import { parseMarkdown } from "./parse-markdown.ts";
import { parseMarkdownV2 } from "./parse-markdown-v2.ts";

/** Parses by mode (in any case), adds the entities Telegram detects itself, and trims as Telegram does. */
export function formatText(source: string, mode: string | undefined, given: MessageEntity[] = []): FormattedText {
  const parsed = parse(source, mode, given);
  const trimmed = trim(parsed);
  return { text: trimmed.text, entities: [...trimmed.entities, ...detectEntities(trimmed)].sort(inOrder) };
}

function parse(source: string, mode: string | undefined, given: MessageEntity[]): FormattedText {
  switch (mode?.toLowerCase() ?? "") {
    case "":
      return { text: source, entities: given };
    case "html":
      return parseHtml(source);
    case "markdownv2":
      return parseMarkdownV2(source);
    case "markdown":
      return parseMarkdown(source);
    default:
      throw TelegramError.badRequest("unsupported parse_mode");
  }
}

function trim({ text, entities }: FormattedText): FormattedText {
  const body = text.trimEnd();
  const from = body.length - body.trimStart().length;
  const kept = entities.flatMap((entity) => {
    const start = Math.max(entity.offset, from);
    const end = Math.min(entity.offset + entity.length, body.length);
    return end > start ? [{ ...entity, offset: start - from, length: end - start }] : [];
  });
  return { text: body.slice(from), entities: kept };
}

function inOrder(a: MessageEntity, b: MessageEntity): number {
  return a.offset - b.offset || b.length - a.length;
}
