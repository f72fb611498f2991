/**
 * A model's Markdown without the parts of Telegram's rich Markdown that act: HTML tags (buttons, maps, media),
 * pictures that clients fetch by themselves (a way to leak what was said), and links other than to the web.
 *
 * Two Markdown parsers can disagree about which text is code, and a tag that we take for code would act if Telegram
 * takes it for prose. So both are made harmless: code that contains such parts is written as `<pre>` or `<code>`
 * with entities, and prose with entities. A disagreement can then only look odd.
 */
import { RICH_CHARS_MAX } from "../telegram-limits.ts";
import { readableFormulas } from "./formulas.ts";
import { segments } from "./markdown-code.ts";
import type { CodeBlock } from "./markdown-code.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { escapeHtml, spanCode } from "./telegram-html.ts";

const ACTS = /<[A-Za-z/!?]|!\[|\]\(|\]:/;

export interface RichPart {
  /** As the model wrote it, its formulas in words that a chat can show. */
  readonly raw: string;
  /** As a rich message takes it. */
  readonly safe: string;
}

/** Parts that each fit a rich message when they are safe; the last of them is where a growing answer grows. */
export function richParts(markdown: string): RichPart[] {
  const readable = readableFormulas(markdown);
  for (let max = RICH_CHARS_MAX; ; max = Math.floor(max / 2)) {
    // Entities and the marks of quotes lengthen a text a few times over, so this ends within a few rounds.
    const parts = splitMarkdown(readable, max).map((raw) => ({ raw, safe: safeMarkdown(raw) }));
    if (parts.every(({ safe }) => safe.length <= RICH_CHARS_MAX)) return parts;
  }
}

export function safeMarkdown(text: string): string {
  return segments(text)
    .map((segment) => {
      if (segment.kind === "prose") return safeProse(segment.text);
      if (!ACTS.test(segment.text)) return segment.text;
      if (segment.kind === "block") return htmlBlock(segment);
      return `<code>${entities(spanCode(segment.text))}</code>`;
    })
    .join("");
}

function safeProse(prose: string): string {
  return prose
    .replace(/<(https?:\/\/[^\s<>]+)>/g, "$1")
    .replace(/<(?=[A-Za-z/!?])/g, "&lt;")
    .replace(/!(?=\[)/g, "&#33;")
    .replace(/\]\((?!(?:https?:\/\/|mailto:))/gi, "]&#40;")
    .replace(/\]:(?!\s{0,100}https?:\/\/)/gi, "]&#58;");
}

/**
 * `<pre>` ends Markdown until `</pre>`; brackets become entities too, should some parser look for links inside. Each
 * line keeps the marks of the quotes and items it stands in, so the block stays where it was. A line break right
 * behind `<pre>` is none in HTML, so code that begins with one gets another.
 */
function htmlBlock({ text, code, language, before }: CodeBlock): string {
  const content = escapeHtml(code).replace(/[[\]]/g, (bracket) => `&#${bracket.charCodeAt(0)};`);
  const opening = language
    ? `<pre><code class="language-${escapeHtml(language)}">`
    : code.startsWith("\n")
      ? "<pre>\n"
      : "<pre>";
  const whole = `${opening}${content}${language ? "</code></pre>" : "</pre>"}`;
  return `${whole.replaceAll("\n", `\n${before}`)}${text.endsWith("\n") ? "\n" : ""}`;
}

/** Inside inline tags Markdown is still read, so every mark it knows becomes an entity. */
function entities(code: string): string {
  return code.replace(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
