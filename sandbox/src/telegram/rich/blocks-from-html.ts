/** Parses rich HTML: allows Telegram's tags only; blocks are coarse, enough to check limits and thinking blocks. */
import type { RichBlock } from "@grammyjs/types";
import { TelegramError } from "../telegram-error.ts";

const TAGS = new Set(
  `a aside audio b blockquote br cite code del details em figcaption figure footer h1 h2 h3 h4 h5 h6 hr i img input ins li mark ol p pre s
  strike strong sub summary sup table tbody td tfoot th thead tr u ul video caption tg-button tg-button-row tg-collage tg-emoji tg-map
  tg-math tg-math-block tg-reference tg-slideshow tg-spoiler tg-thinking tg-time`.split(/\s+/),
);

/** Matches in linear time: the name cannot backtrack, and an unclosed tag ends at the next `<`. */
const TAG = /<(\/?)([a-zA-Z][\w-]*)(?![\w-])[^<>]*>/g;

/** @throws Telegram's 400 for an unknown tag, unless `unknownTags` lets it pass: inside Markdown any HTML is allowed */
export function blocksFromHtml(html: string, options: { unknownTags: "refuse" | "pass" }): RichBlock[] {
  const blocks: RichBlock[] = [];
  let text = "";
  let inside: "paragraph" | "thinking" | "pre" = "paragraph";
  const flush = () => {
    // Text in `<pre>` is code, so its whitespace is kept.
    const words = inside === "pre" ? text : text.trim();
    text = "";
    if (words !== "" || inside === "thinking") blocks.push({ type: inside, text: words });
    inside = "paragraph";
  };
  let at = 0;
  for (const match of html.matchAll(TAG)) {
    const name = (match[2] ?? "").toLowerCase();
    if (options.unknownTags === "refuse" && !TAGS.has(name))
      throw TelegramError.badRequest(
        `can't parse rich message: Unsupported tag "${name}" at byte offset ${Buffer.byteLength(html.slice(0, match.index))}`,
      );
    text += decode(html.slice(at, match.index));
    at = match.index + match[0].length;
    // HTML ignores a line break right after `<pre>`.
    if (name === "pre" && html[at] === "\n") at++;
    if (name === "hr") blocks.push({ type: "divider" });
    if (name !== "tg-thinking" && name !== "pre" && !/^(p|h[1-6]|li|tr|blockquote|summary|footer)$/.test(name))
      continue;
    const opens = match[1] !== "/";
    const kind = name === "pre" ? "pre" : "thinking";
    if (opens || (name !== "pre" && name !== "tg-thinking")) flush();
    if (opens && (name === "pre" || name === "tg-thinking")) inside = kind;
    else if (name === "pre" || name === "tg-thinking") flush();
  }
  text += decode(html.slice(at));
  flush();
  return blocks;
}

function decode(text: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', nbsp: " " };
  return text
    .replace(/&#(\d{1,6});/g, (_whole, code: string) => String.fromCharCode(Number(code)))
    .replace(/&(lt|gt|amp|quot|nbsp);/g, (whole, name: string) => names[name] ?? whole);
}
