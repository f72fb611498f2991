/** Parses rich Markdown (GitHub's, with Telegram's tags) to the blocks a bot reads back; inline marks are coarse. */
import type { RichBlock, RichBlockListItem, RichBlockTableCell, RichText } from "@grammyjs/types";
import { lexer } from "marked";
import type { Token, Tokens } from "marked";
import { blocksFromHtml } from "./blocks-from-html.ts";

export function blocksFromMarkdown(markdown: string): RichBlock[] {
  return fromTokens(lexer(markdown, { gfm: true }));
}

function fromTokens(tokens: readonly Token[]): RichBlock[] {
  return tokens.flatMap((token) => fromToken(token));
}

function fromToken(token: Token): RichBlock[] {
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "heading": {
      const heading = token as Tokens.Heading;
      return [{ type: "heading", text: inline(heading), size: Math.min(6, Math.max(1, heading.depth)) as 1 }];
    }
    case "code": {
      const code = token as Tokens.Code;
      return [{ type: "pre", text: code.text, ...(code.lang ? { language: code.lang } : {}) }];
    }
    case "hr":
      return [{ type: "divider" }];
    case "blockquote":
      return [{ type: "blockquote", blocks: fromTokens((token as Tokens.Blockquote).tokens) }];
    case "list":
      return [
        {
          type: "list",
          items: (token as Tokens.List).items.map((item, index) => listItem(token as Tokens.List, item, index)),
        },
      ];
    case "table":
      return [table(token as Tokens.Table)];
    case "html":
      return blocksFromHtml((token as Tokens.HTML).raw, { unknownTags: "pass" });
    default:
      // A thinking line is inline HTML in Markdown, but a block in Telegram.
      if (/<tg-thinking/i.test(token.raw)) return blocksFromHtml(token.raw, { unknownTags: "pass" });
      return token.raw.trim() === "" ? [] : [{ type: "paragraph", text: inline(token) }];
  }
}

function listItem(list: Tokens.List, item: Tokens.ListItem, index: number): RichBlockListItem {
  const value = (list.start || 1) + index;
  return {
    label: list.ordered ? `${value}.` : "•",
    blocks: fromTokens(item.tokens),
    ...(list.ordered ? { value, type: "1" as const } : {}),
    ...(item.task ? { has_checkbox: true as const } : {}),
    ...(item.checked ? { is_checked: true as const } : {}),
  };
}

function table(token: Tokens.Table): RichBlock {
  return { type: "table", cells: [token.header, ...token.rows].map((row) => row.map(tableCell)) };
}

function tableCell(cell: Tokens.TableCell): RichBlockTableCell {
  return {
    text: fromInline(cell.tokens),
    align: cell.align ?? "left",
    valign: "middle",
    ...(cell.header ? { is_header: true as const } : {}),
  };
}

function inline(token: Token): RichText {
  return "tokens" in token && token.tokens
    ? fromInline(token.tokens)
    : "text" in token && typeof token.text === "string"
      ? token.text
      : token.raw;
}

function fromInline(tokens: readonly Token[]): RichText {
  const parts = tokens.map((token): RichText => {
    switch (token.type) {
      case "strong":
        return { type: "bold", text: inline(token) };
      case "em":
        return { type: "italic", text: inline(token) };
      case "del":
        return { type: "strikethrough", text: inline(token) };
      case "codespan":
        return { type: "code", text: (token as Tokens.Codespan).text };
      case "link":
        return { type: "url", text: inline(token), url: (token as Tokens.Link).href };
      case "br":
        return "\n";
      default:
        return inline(token);
    }
  });
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : parts;
}
