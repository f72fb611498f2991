/** Telegram's MarkdownV2: reserved characters must be escaped everywhere, entities must close and nest. */
import type { MessageEntity } from "@grammyjs/types";
import { byteOffset, cannotParse } from "./formatted-text.ts";
import type { FormattedText } from "./formatted-text.ts";

const RESERVED = new Set("_*[]()~`>#+-=|{}.!");
const MARKS = {
  __: { name: "Underline", type: "underline" },
  "||": { name: "Spoiler", type: "spoiler" },
  _: { name: "Italic", type: "italic" },
  "*": { name: "Bold", type: "bold" },
  "~": { name: "Strikethrough", type: "strikethrough" },
} as const;
type Mark = keyof typeof MARKS;
/** A backslash escapes any ASCII character. */
const ESCAPED = /\\([\u0020-\u007e\n])/g;

/** Throws Telegram's "can't parse entities" with the byte offset of what does not close. */
export function parseMarkdownV2(source: string): FormattedText {
  return new Reader(source).read();
}

class Reader {
  readonly #source: string;
  readonly #entities: MessageEntity[] = [];
  readonly #open: { kind: Mark | "["; offset: number; from: number }[] = [];
  #quote: { offset: number; expandable: boolean } | null = null;
  #text = "";
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): FormattedText {
    while (this.#at < this.#source.length) this.#step();
    this.#endQuote();
    const last = this.#open.at(-1);
    if (last) throw this.#unclosed(last);
    return { text: this.#text, entities: this.#entities };
  }

  #step(): void {
    if (this.#startsQuote()) return;
    const rest = this.#source.slice(this.#at, this.#at + 3);
    const char = rest[0] ?? "";
    const mark = markAt(rest);
    if (char === "\\" && rest.length > 1) this.#take(rest[1] ?? "", 2);
    else if (char === "`") this.#readCode(rest === "```");
    else if (char === "[" || rest.startsWith("![")) {
      this.#open.push({ kind: "[", offset: this.#text.length, from: this.#at });
      this.#at += char === "[" ? 1 : 2;
    } else if (char === "]" && this.#open.at(-1)?.kind === "[") this.#readLink();
    else if (mark) this.#toggle(mark);
    else if (RESERVED.has(char))
      throw cannotParse(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
    else this.#take(char, 1);
  }

  #take(text: string, width: number): void {
    this.#text += text;
    this.#at += width;
  }

  /** Handles the start of a line: `>` and `**>` open or continue a quotation, anything else ends it. */
  #startsQuote(): boolean {
    if (this.#at > 0 && this.#source[this.#at - 1] !== "\n") return false;
    const opening = ["**>", ">"].find((mark) => this.#source.startsWith(mark, this.#at));
    if (opening === undefined) {
      this.#endQuote();
      return false;
    }
    this.#quote ??= { offset: this.#text.length, expandable: opening === "**>" };
    this.#at += opening.length;
    return true;
  }

  #endQuote(): void {
    if (!this.#quote) return;
    const { offset, expandable } = this.#quote;
    const length = this.#text.length - offset - (this.#text.endsWith("\n") ? 1 : 0);
    this.#add({ type: expandable ? "expandable_blockquote" : "blockquote", offset, length });
    this.#quote = null;
  }

  #toggle(mark: Mark): void {
    const last = this.#open.at(-1);
    if (last?.kind === mark) {
      this.#open.pop();
      this.#add({ type: MARKS[mark].type, offset: last.offset, length: this.#text.length - last.offset });
    } else if (last && this.#open.some(({ kind }) => kind === mark)) throw this.#unclosed(last);
    else this.#open.push({ kind: mark, offset: this.#text.length, from: this.#at });
    this.#at += mark.length;
  }

  #readCode(fenced: boolean): void {
    const fence = fenced ? "```" : "`";
    const end = this.#findUnescaped(fence, this.#at + fence.length);
    if (end === -1)
      throw cannotParse(`Can't find end of ${fenced ? "Pre" : "Code"} entity at byte offset ${this.#bytes(this.#at)}`);
    const inside = this.#source.slice(this.#at + fence.length, end);
    const language = fenced ? /^([^\s`\\]+)\n/.exec(inside)?.[1] : undefined;
    const body = fenced ? inside.slice(language?.length ?? 0).replace(/^\n/, "") : inside;
    const plain = body.replace(ESCAPED, "$1");
    const place = { offset: this.#text.length, length: plain.length };
    if (!fenced) this.#add({ type: "code", ...place });
    else this.#add({ type: "pre", ...place, ...(language === undefined ? {} : { language }) });
    this.#text += plain;
    this.#at = end + fence.length;
  }

  #readLink(): void {
    const label = this.#open.pop();
    this.#at += 1;
    if (label === undefined || this.#source[this.#at] !== "(") return;
    const end = this.#findUnescaped(")", this.#at + 1);
    if (end === -1) throw cannotParse(`Can't find end of a URL at byte offset ${this.#bytes(this.#at)}`);
    const url = this.#source.slice(this.#at + 1, end).replace(ESCAPED, "$1");
    this.#add({ type: "text_link", offset: label.offset, length: this.#text.length - label.offset, url });
    this.#at = end + 1;
  }

  #add(entity: MessageEntity): void {
    if (entity.length > 0) this.#entities.push(entity);
  }

  #findUnescaped(what: string, from: number): number {
    for (let at = from; at < this.#source.length; at++) {
      if (this.#source[at] === "\\") at++;
      else if (this.#source.startsWith(what, at)) return at;
    }
    return -1;
  }

  #unclosed({ kind, from }: { kind: Mark | "["; from: number }): Error {
    return cannotParse(
      `Can't find end of ${kind === "[" ? "TextUrl" : MARKS[kind].name} entity at byte offset ${this.#bytes(from)}`,
    );
  }

  #bytes(index: number): number {
    return byteOffset(this.#source, index);
  }
}

function markAt(rest: string): Mark | null {
  for (const mark of ["__", "||", "_", "*", "~"] as const) if (rest.startsWith(mark)) return mark;
  return null;
}
