/**
 * The context of each line of a Markdown text: its quotes and list items (CommonMark §5), and whether in a fence or
 * an indented code block there (§4.4, §4.5). Linear in the text.
 */

/** A quote, or a list item by the columns its lines are indented with. */
export type Container = "quote" | number;

/** An open fence: what closes it, and how it was opened. */
export interface Fence {
  mark: string;
  /** The line from the mark to its end, without its prefix. */
  opening: string;
  /** Columns before the mark, up to 3; as many are taken off each line of the code. */
  indent: number;
}

/** What is open after a line. */
export interface Place {
  containers: readonly Container[];
  fence: Fence | null;
  /** Whether the line was text that the next one may go on with. */
  paragraph: boolean;
}

export interface LineRead {
  after: Place;
  kind: "prose" | "blank" | "indented" | "opens" | "code" | "closes";
  /** Characters of the line that belong to quotes and items; what follows is the line's own. */
  start: number;
  /** The line's own text. */
  said: string;
}

export const TOP: Place = { containers: [], fence: null, paragraph: false };

/** Longest prefix of quote and item marks; deeper ones are read as text. */
export const MARKS_CHARS_MAX = 60;
const FENCE = /^( {0,3})(`{3,}|~{3,})([^\n]*)\n?$/;
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})\n?$/;
const ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?=[ \t\n]|$)/;
const CODE_INDENT = 4;

/** Reads one line, which may end in a newline. */
export function readLine(place: Place, line: string): LineRead {
  const { depth, rest } = within(line, place.containers);
  const whole = depth === place.containers.length;
  const { fence } = place;
  if (fence !== null && whole) return readCode(place, fence, { line, rest });
  // A quote or an item that ended has ended its code too.
  const kept = place.containers.slice(0, depth);
  const opened = openedBy(rest, { room: MARKS_CHARS_MAX - marksOf(kept).length, interrupts: place.paragraph && whole });
  const containers = [...kept, ...opened.containers];
  const said = opened.rest;
  const start = line.endsWith(said) ? line.length - said.length : line.length - said.trimStart().length;
  const read = (kind: LineRead["kind"], after: Partial<Place> = {}): LineRead => ({
    after: { containers, fence: null, paragraph: false, ...after },
    kind,
    start,
    said,
  });
  if (said.trim() === "") return read("blank");
  const next = fenceOpenedBy(said);
  if (next !== null) return read("opens", { fence: next });
  const text = opened.containers.length === 0 && place.paragraph;
  if (indentOf(said) >= CODE_INDENT && !text) return read("indented");
  if (/^ {0,3}#{1,6}(?:[ \t\n]|$)/.test(said) || RULE.test(said)) return read("prose");
  // A lazy continuation of a quote's or an item's paragraph needs no mark.
  return read("prose", { paragraph: true, ...(text ? { containers: place.containers } : {}) });
}

/** Prefix for a line inside all of these containers. */
export function marksOf(containers: readonly Container[]): string {
  return containers.map((container) => (container === "quote" ? "> " : " ".repeat(container))).join("");
}

/** How many of the containers a line continues, and the rest of the line inside them. */
export function within(line: string, containers: readonly Container[]): { depth: number; rest: string } {
  let rest = line;
  for (const [depth, container] of containers.entries()) {
    const inner = container === "quote" ? afterQuoteMark(rest) : afterIndent(rest, container);
    if (inner === null) return { depth, rest };
    rest = inner;
  }
  return { depth: containers.length, rest };
}

/** Removes up to so many columns of leading blanks. */
export function dedent(text: string, columns: number): string {
  let taken = 0;
  let at = 0;
  for (; taken < columns && (text[at] === " " || text[at] === "\t"); at++)
    taken += text[at] === "\t" ? 4 - (taken % 4) : 1;
  return " ".repeat(Math.max(0, taken - columns)) + text.slice(at);
}

function readCode(place: Place, fence: Fence, { line, rest }: { line: string; rest: string }): LineRead {
  const [, , mark = "", info = ""] = FENCE.exec(rest) ?? [];
  const closes = mark !== "" && mark[0] === fence.mark[0] && mark.length >= fence.mark.length && info.trim() === "";
  const start = Math.max(0, line.length - rest.length);
  return { after: closes ? { ...place, fence: null } : place, kind: closes ? "closes" : "code", start, said: rest };
}

function fenceOpenedBy(text: string): Fence | null {
  const [, blanks = "", mark = "", info = ""] = FENCE.exec(text) ?? [];
  if (mark === "" || (mark.startsWith("`") && info.includes("`"))) return null;
  return { mark, opening: text.trim(), indent: blanks.length };
}

/** The quotes and items that begin with this line, as far as their marks fit the room. */
function openedBy(line: string, { room, interrupts }: { room: number; interrupts: boolean }) {
  const containers: Container[] = [];
  let rest = line;
  for (;;) {
    const quoted = afterQuoteMark(rest);
    const item = quoted === null ? itemOf(rest, interrupts && containers.length === 0) : null;
    if (quoted === null && item === null) break;
    const next: Container[] = [...containers, item?.columns ?? "quote"];
    if (marksOf(next).length > room) break;
    containers.push(item?.columns ?? "quote");
    rest = quoted ?? item?.rest ?? "";
  }
  return { containers, rest };
}

/** Only an item with text, of a list that begins with 1, can directly follow a line of text. */
function itemOf(text: string, interrupts: boolean): { columns: number; rest: string } | null {
  const mark = RULE.test(text) ? undefined : ITEM.exec(text)?.[0];
  if (mark === undefined) return null;
  const after = text.slice(mark.length);
  const empty = after.trim() === "";
  if (interrupts && (empty || /\d/.test(mark) !== /^ *1[.)]/.test(mark))) return null;
  const blanks = indentOf(after);
  const gap = empty || blanks > CODE_INDENT ? 1 : blanks;
  return { columns: mark.length + gap, rest: dedent(after, gap) };
}

function afterQuoteMark(text: string): string | null {
  const mark = /^ {0,3}> ?/.exec(text)?.[0];
  return mark === undefined ? null : text.slice(mark.length);
}

/** A blank line belongs to the item whatever its indent. */
function afterIndent(text: string, columns: number): string | null {
  return indentOf(text) >= columns || text.trim() === "" ? dedent(text, columns) : null;
}

/** Indent in columns; a tab advances to the next multiple of four. */
function indentOf(text: string): number {
  let columns = 0;
  for (const blank of /^[ \t]*/.exec(text)?.[0] ?? "") columns += blank === "\t" ? 4 - (columns % 4) : 1;
  return columns;
}
