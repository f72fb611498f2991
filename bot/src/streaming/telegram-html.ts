/** Markdown as the small HTML every Telegram client understands: the fallback when rich Markdown is refused. */
import { segments } from "./markdown-code.ts";
import type { CodeBlock } from "./markdown-code.ts";

/** Never longer, as a person sees it, than the Markdown it came from: marks are removed and nothing is added. */
export function telegramHtml(markdown: string): string {
  return segments(markdown)
    .map((segment) => {
      if (segment.kind === "block") return block(segment);
      return segment.kind === "span" ? span(segment.text) : prose(segment.text);
    })
    .join("");
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** The content of an inline span, without its backticks. */
export function spanCode(text: string): string {
  const mark = /^`+/.exec(text)?.[0].length ?? 1;
  return text.slice(mark, -mark).replace(/^ (.*) $/, "$1");
}

function block({ text, code, language }: CodeBlock): string {
  const content = language
    ? `<code class="language-${escapeHtml(language)}">${escapeHtml(code)}</code>`
    : escapeHtml(code);
  return `<pre>${content}</pre>${text.endsWith("\n") ? "\n" : ""}`;
}

function span(text: string): string {
  return `<code>${escapeHtml(spanCode(text))}</code>`;
}

function prose(text: string): string {
  return escapeHtml(text)
    .replace(/^ {0,3}#{1,6} +([^\n]*?)(?: +#+)?$/gm, "<b>$1</b>")
    .replace(/^( *)[*+-] +/gm, "$1• ")
    .replace(/\*\*([^*_~\n]+)\*\*/g, "<b>$1</b>")
    .replace(/~~([^*_~\n]+)~~/g, "<s>$1</s>")
    .replace(/(?<![*\w])\*([^*_~\s][^*_~\n]*)\*(?![*\w])/g, "<i>$1</i>")
    .replace(/(?<![_\w])_([^*_~\s][^*_~\n]*)_(?![_\w])/g, "<i>$1</i>")
    .replace(/(?<!!)\[([^\][\n]+)\]\((https?:\/\/[^\s()<>]+)\)/g, '<a href="$2">$1</a>');
}
