/** Finds code in Markdown: blocks, also in quotes and lists, and inline spans (CommonMark §6.1). Linear in the text. */
import { TOP, dedent, marksOf, readLine } from "./markdown-places.ts";
import type { LineRead, Place } from "./markdown-places.ts";

export type Segment = { kind: "prose" | "span"; text: string } | CodeBlock;

export interface CodeBlock {
  kind: "block";
  /** The source with its fences, starting after the marks of the quotes and items around it. */
  text: string;
  /** The code without fences and marks. */
  code: string;
  language: string | null;
  /** Prefix of each line but the first: the marks of quotes and the indents of items. */
  before: string;
}

/** The text with an open fence closed, so that it can be shown before it is finished. */
export function closeFence(text: string): string {
  let place: Place = TOP;
  for (const line of lines(text)) place = readLine(place, line).after;
  if (place.fence === null) return text;
  return `${text}${text.endsWith("\n") ? "" : "\n"}${marksOf(place.containers)}${place.fence.mark}`;
}

/** Lines with their newlines; joined they are the text. */
export function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Code and not code, in order; joined they are the text. A span is within one line. */
export function segments(text: string): Segment[] {
  const reader = new Reader();
  for (const line of lines(text)) reader.add(line);
  return merged(reader.end());
}

class Reader {
  readonly #found: Segment[] = [];
  #place: Place = TOP;
  #block: CodeBlock | null = null;
  #fenced = false;
  /** Blank lines after indented code: they belong to it if more indented code follows. */
  #blanks: { line: string; said: string }[] = [];

  add(line: string): void {
    const before = this.#place;
    const read = readLine(before, line);
    this.#place = read.after;
    const own = line.slice(read.start);
    switch (read.kind) {
      case "opens":
        this.#endBlock();
        return this.#begin(line, read, languageOf(own));
      case "indented":
        if (this.#isIndented(read)) return this.#goOn(line, read);
        this.#endBlock();
        return this.#begin(line, read, null);
      case "code":
        return this.#extend(line, dedent(read.said, before.fence?.indent ?? 0));
      case "closes":
        this.#extend(line, "");
        return this.#endBlock();
      case "blank":
        if (this.#isIndented(read)) return void this.#blanks.push({ line, said: read.said });
        this.#endBlock();
        return this.#prose(line);
      case "prose":
        this.#endBlock();
        return this.#prose(line);
    }
  }

  end(): Segment[] {
    this.#endBlock();
    return this.#found;
  }

  #begin(line: string, { kind, start, said, after }: LineRead, language: string | null): void {
    // A fence may be indented a little; its replacement keeps the indent.
    const lead = kind === "opens" ? line.length - said.trimStart().length : start;
    if (lead > 0) this.#prose(line.slice(0, lead));
    this.#fenced = kind === "opens";
    const code = this.#fenced ? "" : dedent(said, INDENT);
    this.#block = { kind: "block", text: line.slice(lead), code, language, before: marksOf(after.containers) };
  }

  /** Whether the open block is indented code and this line is in the same quotes and items. */
  #isIndented({ after }: LineRead): boolean {
    return this.#block !== null && !this.#fenced && this.#block.before === marksOf(after.containers);
  }

  #goOn(line: string, { said }: LineRead): void {
    for (const blank of this.#blanks) this.#extend(blank.line, dedent(blank.said, INDENT));
    this.#blanks = [];
    this.#extend(line, dedent(said, INDENT));
  }

  #extend(line: string, code: string): void {
    if (this.#block === null) return;
    this.#block.text += line;
    this.#block.code += code;
  }

  #endBlock(): void {
    const blanks = this.#blanks;
    this.#blanks = [];
    if (this.#block) this.#found.push({ ...this.#block, code: this.#block.code.replace(/\n$/, "") });
    this.#block = null;
    for (const { line } of blanks) this.#prose(line);
  }

  // A span may cover several lines of a paragraph, but paragraph ends are not tracked here: one line only.
  #prose(line: string): void {
    this.#found.push(...spans(line));
  }
}

/** Columns that indent a code block. */
const INDENT = 4;

function languageOf(opening: string): string | null {
  return /^[`~ ]+([\w+#.-]{1,30})/.exec(opening)?.[1] ?? null;
}

function merged(all: Segment[]): Segment[] {
  const out: Segment[] = [];
  for (const segment of all) {
    const last = out.at(-1);
    if (last?.kind === "prose" && segment.kind === "prose") last.text += segment.text;
    else out.push({ ...segment });
  }
  return out;
}

/** Splits prose at inline code: a run of backticks opens a span that the next run of the same length closes. */
function spans(text: string): { kind: "prose" | "span"; text: string }[] {
  const runs = [...text.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length }));
  const closing = closingRuns(runs);
  const found: { kind: "prose" | "span"; text: string }[] = [];
  let from = 0;
  for (let index = 0; index < runs.length; index++) {
    const close = closing[index];
    const open = runs[index];
    const end = close === undefined ? undefined : runs[close];
    if (!open || close === undefined || !end) continue;
    if (open.at > from) found.push({ kind: "prose", text: text.slice(from, open.at) });
    from = end.at + end.length;
    found.push({ kind: "span", text: text.slice(open.at, from) });
    index = close;
  }
  if (from < text.length) found.push({ kind: "prose", text: text.slice(from) });
  return found;
}

/** For each run, the index of the next run of the same length; found from the right, so a hostile text stays cheap. */
function closingRuns(runs: readonly { length: number }[]): (number | undefined)[] {
  const nextOfLength = new Map<number, number>();
  const closing: (number | undefined)[] = [];
  for (let index = runs.length - 1; index >= 0; index--) {
    const length = runs[index]?.length ?? 0;
    closing[index] = nextOfLength.get(length);
    nextOfLength.set(length, index);
  }
  return closing;
}
