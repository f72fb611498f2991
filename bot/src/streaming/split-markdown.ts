/**
 * Cuts an answer into parts a message can hold. Cuts fall between paragraphs where possible, else between lines,
 * else between words. A code block that does not fit is closed at the cut and opened again in the next part, so
 * that every part is whole Markdown by itself.
 */
import { fenceAfter, lines } from "./markdown-code.ts";
import type { Fence } from "./markdown-code.ts";

/** An opening line repeated in the next part keeps at most this much of its language name. */
const OPENING_CHARS_MAX = 40;
/** A longer row of backticks is decoration; shortened, it leaves room for the code. */
const MARK_CHARS_MAX = 20;
/** Below this a part could be filled by its own fences. */
const PART_CHARS_MIN = 200;
/** A paragraph end is worth cutting at when at least half of the part is used. */
const FILLED_MIN = 0.5;

/** Parts of at most `max` UTF-16 units each, `max` ≥ 200. An empty text has no parts. */
export function splitMarkdown(text: string, max: number): string[] {
  if (max < PART_CHARS_MIN) throw new RangeError(`parts under ${PART_CHARS_MIN} characters cannot hold code blocks`);
  const splitter = new Splitter(max);
  for (const line of lines(text.trim())) splitter.add(line);
  return splitter.end();
}

class Splitter {
  readonly #max: number;
  readonly #parts: string[] = [];
  #part = "";
  #fence: Fence | null = null;
  /** Length of the part up to its last paragraph end outside code. */
  #paragraphEnd = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(line: string): void {
    let rest = this.#normal(line);
    while (rest !== "") {
      const after = fenceAfter(this.#fence, rest);
      if (this.#part.length + rest.length + closerLength(after) <= this.#max) {
        this.#take(rest, after);
        return;
      }
      if (this.#cutBefore()) continue;
      // A line longer than a part. Lines that open or close code are short, so this one is plain text or plain code.
      const head = cutLine(rest, this.#max - this.#part.length - closerLength(this.#fence));
      this.#part += head;
      rest = rest.slice(head.length);
      this.#close(this.#part.length);
    }
  }

  /** Lines that open or close code are brought to a length that always fits; what is cut off is not shown anyway. */
  #normal(line: string): string {
    const after = fenceAfter(this.#fence, line);
    if (after === this.#fence) return line;
    const ending = line.endsWith("\n") ? "\n" : "";
    return (after === null ? (this.#fence?.mark ?? "") : shortOpening(after)) + ending;
  }

  /** Code still open at the end of the text is closed, as it is in every other part. */
  end(): string[] {
    this.#close(this.#part.length);
    return this.#parts;
  }

  #take(line: string, after: Fence | null): void {
    this.#part += line;
    if (after === null && line.trim() === "") this.#paragraphEnd = this.#part.length;
    this.#fence = after;
  }

  /** Ends the part before the line that does not fit; false when the part holds nothing yet that could be sent. */
  #cutBefore(): boolean {
    const reopened = this.#fence === null ? 0 : this.#fence.opening.length + 1;
    if (this.#part.length <= reopened) return false;
    const paragraph = this.#fence === null && this.#paragraphEnd >= this.#max * FILLED_MIN;
    this.#close(paragraph ? this.#paragraphEnd : this.#part.length);
    return true;
  }

  #close(at: number): void {
    const kept = this.#part.slice(at);
    const head = this.#part.slice(0, at);
    const fence = this.#fence;
    this.#push(fence === null ? head : `${head.endsWith("\n") ? head : `${head}\n`}${fence.mark}`);
    this.#part = fence === null ? kept : `${fence.opening}\n`;
    this.#paragraphEnd = 0;
  }

  #push(part: string): void {
    const text = part.replace(/^\n+/, "").trimEnd();
    if (text !== "") this.#parts.push(text);
  }
}

function shortOpening({ mark, opening }: Fence): string {
  const row = opening.indexOf(mark);
  const info = opening.slice(row + mark.length).trim();
  return `${opening.slice(0, row)}${mark.slice(0, MARK_CHARS_MAX)}${info}`.slice(0, OPENING_CHARS_MAX).trimEnd();
}

/** What a fence's closing line may add: a newline before it and the mark. */
function closerLength(fence: Fence | null): number {
  return fence === null ? 0 : fence.mark.length + 1;
}

/** The longest beginning of at most `room` units that ends after a space, or anywhere but inside a character. */
function cutLine(line: string, room: number): string {
  const space = line.lastIndexOf(" ", room - 1);
  if (space > room / 2) return line.slice(0, space + 1);
  const last = line.charCodeAt(room - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return line.slice(0, splitsPair ? room - 1 : room);
}
