/**
 * A model's Markdown without the parts of Telegram's rich Markdown that act: HTML tags (buttons, maps, media),
 * pictures that clients fetch by themselves (a way to leak what was said), and links other than to the web.
 *
 * Where the code is in a text is a matter on which two Markdown parsers can differ, and a tag that we took for code
 * would act where Telegram takes it for prose. So nothing that acts is left anywhere: code that holds any of it is
 * written as `<pre>` or `<code>` with entities, prose with entities. A disagreement can then only look odd.
 */
import { RICH_CHARS_MAX } from "../telegram-limits.ts";
import { segments } from "./markdown-code.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { codeOf, escapeHtml } from "./telegram-html.ts";

const ACTS = /<[A-Za-z/!?]|!\[|\]\(|\]:/;

export interface RichPart {
  /** As the model wrote it. */
  readonly raw: string;
  /** As a rich message takes it. */
  readonly safe: string;
}

/** Parts that each fit a rich message when they are safe; the last of them is where a growing answer grows. */
export function richParts(markdown: string): RichPart[] {
  for (let max = RICH_CHARS_MAX; ; max = Math.floor(max / 2)) {
    // Entities lengthen a text at most sixfold, so this ends within four rounds.
    const parts = splitMarkdown(markdown, max).map((raw) => ({ raw, safe: safeMarkdown(raw) }));
    if (parts.every(({ safe }) => safe.length <= RICH_CHARS_MAX)) return parts;
  }
}

export function safeMarkdown(text: string): string {
  return segments(text)
    .map((segment) => {
      if (segment.kind === "prose") return safeProse(segment.text);
      if (!ACTS.test(segment.text)) return segment.text;
      if (segment.kind === "block") return htmlBlock(segment.text);
      return `<code>${entities(codeOf({ kind: "span", text: segment.text }).code)}</code>`;
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

/** `<pre>` ends Markdown until `</pre>`; brackets become entities too, should some parser look for links inside. */
function htmlBlock(text: string): string {
  const { code, language } = codeOf({ kind: "block", text });
  const content = escapeHtml(code).replace(/[[\]]/g, (bracket) => `&#${bracket.charCodeAt(0)};`);
  const opening = language ? `<pre><code class="language-${escapeHtml(language)}">` : "<pre>";
  return `${opening}${content}${language ? "</code></pre>" : "</pre>"}${text.endsWith("\n") ? "\n" : ""}`;
}

/** Inside inline tags Markdown is still read, so every mark it knows becomes an entity. */
function entities(code: string): string {
  return code.replace(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
