/**
 * A web page as plain text: no scripts, no styles, no markup, blank space folded.
 *
 * Tokens are read without building a tree: each character is looked at once, however the tags are nested or left open.
 */
import { Tokenizer, TokenizerMode } from "parse5";
import type { Token, TokenHandler } from "parse5";
import { FoldedText } from "../folded-text.ts";

/** Characters kept of a page; the model is shown fewer (see read-web-page.ts). */
const TEXT_CHARS_MAX = 4_000;
const TITLE_CHARS_MAX = 300;

/** Elements whose content is text rather than markup, with the tokenizer mode that reads it. */
const RAW: ReadonlyMap<string, Tokenizer["state"]> = new Map([
  ["title", TokenizerMode.RCDATA],
  ["textarea", TokenizerMode.RCDATA],
  ["script", TokenizerMode.SCRIPT_DATA],
  ["style", TokenizerMode.RAWTEXT],
  ["noscript", TokenizerMode.RAWTEXT],
  ["iframe", TokenizerMode.RAWTEXT],
]);
/** Elements whose text is hidden from readers. */
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "noscript", "iframe", "template", "svg"]);
/** Elements that start a new line. */
const LINES: ReadonlySet<string> = new Set(
  "address article aside blockquote br dd div dl dt figcaption footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);

export interface PageText {
  title: string;
  text: string;
}

export function pageText(html: string): PageText {
  const reader = new PageReader();
  const tokenizer = new Tokenizer({}, reader);
  reader.startRaw = (mode) => (tokenizer.state = mode);
  tokenizer.write(html, true);
  return { title: reader.title.toString(), text: reader.text.toString() };
}

class PageReader implements TokenHandler {
  readonly title = new FoldedText(TITLE_CHARS_MAX);
  readonly text = new FoldedText(TEXT_CHARS_MAX);
  startRaw: (mode: Tokenizer["state"]) => void = () => undefined;
  #inTitle = false;
  /** The hidden element around the current position, and how many of the same name are open in it. */
  #hidden: { name: string; depth: number } | null = null;

  onStartTag({ tagName, selfClosing }: Token.TagToken): void {
    if (this.#hidden !== null) {
      if (tagName === this.#hidden.name && !selfClosing) this.#hidden.depth++;
      return;
    }
    this.text.gap(LINES.has(tagName) ? "\n" : " ");
    if (tagName === "title") this.#inTitle = true;
    if (HIDDEN.has(tagName) && !(tagName === "svg" && selfClosing)) this.#hidden = { name: tagName, depth: 1 };
    const mode = RAW.get(tagName);
    if (mode !== undefined) this.startRaw(mode);
  }

  onEndTag({ tagName }: Token.TagToken): void {
    if (this.#hidden !== null) {
      if (tagName === this.#hidden.name && --this.#hidden.depth === 0) this.#hidden = null;
      return;
    }
    if (tagName === "title") this.#inTitle = false;
    this.text.gap(LINES.has(tagName) ? "\n" : " ");
  }

  onCharacter({ chars }: Token.CharacterToken): void {
    if (this.#hidden === null) (this.#inTitle ? this.title : this.text).add(chars);
  }

  onWhitespaceCharacter(token: Token.CharacterToken): void {
    this.onCharacter(token);
  }

  onNullCharacter(): void {}
  onComment(): void {
    if (this.#hidden === null) this.text.gap(" ");
  }
  onDoctype(): void {}
  onEof(): void {}
}
