/** Where the code is in a Markdown text: fenced blocks and inline spans (CommonMark §4.5, §6.1). Linear in the text. */
export type Segment = { kind: "prose" | "span" | "block"; text: string };

/** An open fence: what closes it, and the line that opened it. */
export interface Fence {
  mark: string;
  opening: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n?$/;

/** The fence after this line, given the one before it. `line` may end in a newline. */
export function fenceAfter(fence: Fence | null, line: string): Fence | null {
  const match = FENCE.exec(line);
  if (!match) return fence;
  const mark = match[1] ?? "";
  const info = match[2] ?? "";
  if (fence === null) return mark.startsWith("`") && info.includes("`") ? null : { mark, opening: line.trimEnd() };
  const closes = mark[0] === fence.mark[0] && mark.length >= fence.mark.length && info.trim() === "";
  return closes ? null : fence;
}

/** The text with an open fence closed, so that it can be shown before it is finished. */
export function closeFence(text: string): string {
  let fence: Fence | null = null;
  for (const line of lines(text)) fence = fenceAfter(fence, line);
  return fence === null ? text : `${text}${text.endsWith("\n") ? "" : "\n"}${fence.mark}`;
}

/** Lines with their newlines; joined they are the text. */
export function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Code and not code, in order; joined they are the text. A block includes its fences, a span is within one line. */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let fence: Fence | null = null;
  let kept = "";
  const flush = (kind: "prose" | "block") => {
    if (kept === "") return;
    // A span may run over lines of one paragraph, but where paragraphs end is the parser's secret: one line it is.
    found.push(...(kind === "block" ? [{ kind, text: kept }] : lines(kept).flatMap(spans)));
    kept = "";
  };
  for (const line of lines(text)) {
    const next = fenceAfter(fence, line);
    if (fence === null && next !== null) flush("prose");
    kept += line;
    if (fence !== null && next === null) flush("block");
    fence = next;
  }
  flush(fence === null ? "prose" : "block");
  return merged(found);
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
function spans(text: string): Segment[] {
  const runs = [...text.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length }));
  const closing = closingRuns(runs);
  const found: Segment[] = [];
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
