/** Renders message text as a client does: rich Markdown or HTML through a sanitiser, plain text by its entities. */
import { Marked } from "./vendor/marked.js";
import DOMPurify from "./vendor/purify.js";
import { make } from "./elements.js";
import { t } from "./texts.js";

const marked = new Marked({ gfm: true, breaks: false });
marked.use({ extensions: [wrapped("spoiler", "||", "tg-spoiler"), wrapped("marked", "==", "mark")] });

const TAGS =
  `a b blockquote br code cite del details div em figcaption figure footer h1 h2 h3 h4 h5 h6 hr i input ins li mark ol p pre s
  strike strong sub summary sup table tbody td th thead tr tg-spoiler tg-thinking tg-time tg-math tg-math-block u ul aside`.split(
    /\s+/,
  );
const SAFE = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ["href", "align", "class", "start", "open", "type", "checked", "disabled"],
  // Without this the sanitiser would check these attributes against its URL pattern, too.
  ADD_URI_SAFE_ATTR: ["align", "start", "open", "type", "checked", "disabled"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|tg):/i,
  RETURN_DOM_FRAGMENT: true,
};
const MENTIONABLE = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

/** A message's rich source as an element. */
export function richText({ markdown, html, rtl }) {
  const source = markdown === undefined ? html : marked.parse(markdown);
  const box = make("div", { class: "rich", dir: rtl ? "rtl" : "auto" });
  box.append(DOMPurify.sanitize(source ?? "", SAFE));
  for (const link of box.querySelectorAll("a")) openOutside(link);
  for (const pre of box.querySelectorAll("pre")) pre.replaceWith(codeBlock(pre.textContent, languageOf(pre)));
  for (const table of box.querySelectorAll("table")) {
    const frame = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": t("table") });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const spoiler of box.querySelectorAll("tg-spoiler")) spoiler.replaceWith(spoilerOf(...spoiler.childNodes));
  for (const thought of box.querySelectorAll("tg-thinking"))
    thought.replaceWith(make("span", { class: "thinking moving" }, thought.textContent || t("thinking")));
  for (const input of box.querySelectorAll("input")) input.disabled = true;
  return box;
}

/** Plain text with Telegram's entities; `onCommand` is called when a command in it is pressed. */
export function entityText(text, entities, onCommand) {
  const box = make("span", { class: "words", dir: "auto" });
  box.append(...span(text, 0, text.length, entities, onCommand));
  return box;
}

function span(text, from, to, entities, onCommand) {
  const nodes = [];
  let at = from;
  const here = entities.filter(({ offset, length }) => offset >= from && offset + length <= to);
  for (const entity of here) {
    if (entity.offset < at) continue;
    const end = entity.offset + entity.length;
    const inside = here.filter(
      (other) => other !== entity && other.offset >= entity.offset && other.offset + other.length <= end,
    );
    nodes.push(text.slice(at, entity.offset), entityElement(entity, text, inside, onCommand));
    at = end;
  }
  nodes.push(text.slice(at, to));
  return nodes.filter((node) => node !== "");
}

function entityElement(entity, text, inside, onCommand) {
  const { type, offset, length } = entity;
  const words = text.slice(offset, offset + length);
  const children = () => span(text, offset, offset + length, inside, onCommand);
  if (type in MENTIONABLE) return make(MENTIONABLE[type], {}, ...children());
  switch (type) {
    case "pre":
      return codeBlock(words, entity.language ?? "");
    case "spoiler":
      return spoilerOf(...children());
    case "text_link":
      return openOutside(make("a", { href: safeUrl(entity.url) }, ...children()));
    case "url":
      return openOutside(make("a", { href: safeUrl(words) }, words));
    case "email":
      return make("a", { href: `mailto:${words}` }, words);
    case "bot_command":
      return make(
        "a",
        { class: "command", href: "#", onclick: (event) => (event.preventDefault(), onCommand(words)) },
        words,
      );
    default:
      return make("span", {}, ...children());
  }
}

function codeBlock(code, language) {
  const copy = make("button", { class: "copy", type: "button" }, t("copy"));
  const copyIt = async () => {
    await navigator.clipboard.writeText(code);
    copy.textContent = t("copied");
    setTimeout(() => (copy.textContent = t("copy")), 1_500);
  };
  copy.addEventListener("click", () => void copyIt());
  return make(
    "div",
    { class: "code" },
    make("div", { class: "code-top" }, make("span", {}, language || t("code")), copy),
    make("pre", { tabindex: "0" }, make("code", {}, code.replace(/\n$/, ""))),
  );
}

function languageOf(pre) {
  return /language-([\w+#-]+)/.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
}

function spoilerOf(...children) {
  const open = () => box.classList.add("open");
  const box = make(
    "span",
    {
      class: "spoiler",
      tabindex: "0",
      role: "button",
      onclick: open,
      onkeydown: (event) => event.key === "Enter" && open(),
    },
    ...children,
  );
  return box;
}

function openOutside(link) {
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function safeUrl(url) {
  return /^(https?|mailto|tel|tg):/i.test(url) ? url : "#";
}

/** Telegram's additions to Markdown, e.g. ||hidden||. */
function wrapped(name, mark, tag) {
  const escaped = mark.replace(/[|]/g, "\\|");
  const pattern = new RegExp(`^${escaped}(?=\\S)([\\s\\S]*?\\S)${escaped}`);
  return {
    name,
    level: "inline",
    start: (source) => source.indexOf(mark),
    tokenizer(source) {
      const match = pattern.exec(source);
      return match ? { type: name, raw: match[0], tokens: this.lexer.inlineTokens(match[1]) } : undefined;
    },
    renderer(token) {
      return `<${tag}>${this.parser.parseInline(token.tokens)}</${tag}>`;
    },
  };
}
