/**
 * Rich messages: converts exactly one of Markdown, HTML and blocks to blocks within Telegram's limits. The source is
 * stored with them for the page, which renders Markdown itself.
 */
import type { InputRichMessage, RichBlock, RichMessage } from "@grammyjs/types";
import { blocksFromHtml } from "./rich/blocks-from-html.ts";
import { blocksFromMarkdown } from "./rich/blocks-from-markdown.ts";
import { TelegramError } from "./telegram-error.ts";
import type { RichSource } from "./world.ts";
import { countCharacters } from "./entities/formatted-text.ts";

/** @see InputRichMessage in the Bot API: "Rich Message Limits". */
export const RICH_LIMITS = { characters: 32_768, blocks: 500, levels: 16, columns: 20 } as const;

export interface ParsedRich {
  readonly source: RichSource;
  readonly message: RichMessage;
}

/** Throws Telegram's 400 for no content, two contents, a limit, or a thinking block outside a draft. */
export function parseRichMessage(input: InputRichMessage<string>, place: "message" | "draft"): ParsedRich {
  const given = [input.markdown, input.html, input.blocks].filter((content) => content !== undefined);
  if (given.length !== 1) throw TelegramError.badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
  const written = input.markdown ?? input.html;
  if (written !== undefined && countCharacters(written) > RICH_LIMITS.characters)
    throw TelegramError.badRequest("message is too long");
  const blocks = readBlocks(input);
  if (blocks.length === 0) throw TelegramError.badRequest("RICH_MESSAGE_CONTENT_REQUIRED");
  checkLimits(blocks);
  if (place === "message" && blocks.some((block) => block.type === "thinking"))
    throw TelegramError.badRequest("RICH_MESSAGE_THINKING_NOT_ALLOWED");
  return {
    source: {
      ...(input.markdown === undefined ? {} : { markdown: input.markdown }),
      ...(input.html === undefined ? {} : { html: input.html }),
      ...(input.blocks === undefined ? {} : { markdown: plainText(blocks) }),
      ...(input.is_rtl ? { rtl: true } : {}),
    },
    message: { blocks, ...(input.is_rtl ? { is_rtl: true } : {}) },
  };
}

function readBlocks(input: InputRichMessage<string>): RichBlock[] {
  if (input.markdown !== undefined) return blocksFromMarkdown(input.markdown);
  if (input.html !== undefined) return blocksFromHtml(input.html, { unknownTags: "refuse" });
  return (input.blocks ?? []) as RichBlock[];
}

function checkLimits(blocks: readonly RichBlock[]): void {
  const walk = (list: readonly RichBlock[], level: number): number => {
    if (level > RICH_LIMITS.levels) throw TelegramError.badRequest("RICH_MESSAGE_TOO_DEEP");
    return list.reduce((total, block) => total + 1 + inside(block, level), 0);
  };
  const inside = (block: RichBlock, level: number): number => {
    if (block.type === "list") return block.items.reduce((total, item) => total + 1 + walk(item.blocks, level + 1), 0);
    if (block.type === "blockquote" || block.type === "details") return walk(block.blocks, level + 1);
    if (block.type !== "table") return 0;
    if (block.cells.some((row) => row.length > RICH_LIMITS.columns))
      throw TelegramError.badRequest("RICH_MESSAGE_TABLE_TOO_WIDE");
    return block.cells.length;
  };
  if (walk(blocks, 1) > RICH_LIMITS.blocks) throw TelegramError.badRequest("RICH_MESSAGE_TOO_MANY_BLOCKS");
}

/** The plain text of blocks, for the transcript of a message sent as blocks. */
function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value))
    return value
      .map(plainText)
      .filter((text) => text !== "")
      .join(value.some((item) => typeof item === "string") ? "" : "\n");
  if (typeof value !== "object" || value === null) return "";
  const parts = ["text", "summary", "expression", "blocks", "items", "cells"].map((key) =>
    plainText((value as Record<string, unknown>)[key]),
  );
  return parts.filter((text) => text !== "").join("\n");
}
