/**
 * Cuts an answer into parts a message can hold. Cuts fall between paragraphs where possible, else between lines,
 * else between words. A code block that does not fit is closed at the cut and opened again in the next part, so
 * that every part is complete Markdown; it is then outside its quote or list, which does not continue in the next part.
 */
import { lines } from "./markdown-code.ts";
import { MARKS_CHARS_MAX, TOP, marksOf, readLine, within } from "./markdown-places.ts";
import type { Container, Fence, Place } from "./markdown-places.ts";

/** An opening line repeated in the next part keeps at most this much of its language name. */
const OPENING_CHARS_MAX = 40;
/** A longer row of backticks is decoration; shortened, it leaves room for the code. */
const MARK_CHARS_MAX = 20;
/** Smallest allowed part; a smaller one could be filled by its own fences. */
const PART_CHARS_MIN = 200;
/** A paragraph end is worth cutting at when at least half of the part is used. */
const FILLED_MIN = 0.5;

/** Parts of at most `max` UTF-16 units each, `max` ≥ 200. An empty text has no parts. */
export function splitMarkdown(text: string, max: number): string[] {
  if (max < PART_CHARS_MIN) throw new RangeError(`parts under ${PART_CHARS_MIN} characters cannot hold code blocks`);
  const splitter = new Splitter(max);
  for (const line of lines(text.replace(/^\s*\n/, "").trimEnd())) splitter.add(line);
  return splitter.end();
}

class Splitter {
  readonly #max: number;
  readonly #parts: string[] = [];
  #part = "";
  #place: Place = TOP;
  /** The quotes and items that the open code was in before it was cut; its lines still carry their marks. */
  #leaving: readonly Container[] = [];
  /** Length of the part up to its last paragraph end outside code. */
  #paragraphEnd = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(line: string): void {
    let rest = this.#normal(this.#unmarked(line));
    while (rest !== "") {
      const { after } = readLine(this.#place, rest);
      if (this.#part.length + rest.length + closerLength(after) <= this.#max) {
        this.#take(rest, after);
        return;
      }
      const inside = this.#leaving.length > 0;
      if (this.#cutBefore()) {
        if (!inside) rest = this.#unmarked(rest);
        continue;
      }
      // A line longer than a part. Lines that open or close code are short, so this one is plain text or plain code.
      const head = cutLine(rest, this.#max - this.#part.length - closerLength(this.#place));
      this.#part += head;
      rest = rest.slice(head.length);
      this.#close(this.#part.length);
    }
  }

  /** A line of code that was cut out of its quotes and items, without their marks. */
  #unmarked(line: string): string {
    if (this.#leaving.length === 0) return line;
    const { depth, rest } = within(line, this.#leaving);
    if (depth === this.#leaving.length) return rest;
    // The quote ended, and with it the code. The closing mark fits, because room for it is always reserved.
    if (this.#place.fence) this.#part += `${this.#place.fence.mark}\n`;
    this.#place = TOP;
    this.#leaving = [];
    return line;
  }

  /** Lines that open or close code are brought to a length that always fits; what is cut off is not shown anyway. */
  #normal(line: string): string {
    const { after, kind, start } = readLine(this.#place, line);
    const ending = line.endsWith("\n") ? "\n" : "";
    const lead = start > MARKS_CHARS_MAX ? marksOf(after.containers) : line.slice(0, start);
    if (kind === "opens" && after.fence)
      return `${lead}${" ".repeat(after.fence.indent)}${shortOpening(after.fence)}${ending}`;
    if (kind === "closes") return `${lead}${this.#place.fence?.mark ?? ""}${ending}`;
    return line;
  }

  /** Code still open at the end of the text is closed, as it is in every other part. */
  end(): string[] {
    this.#close(this.#part.length);
    return this.#parts;
  }

  #take(line: string, after: Place): void {
    this.#part += line;
    if (after.fence === null && line.trim() === "") this.#paragraphEnd = this.#part.length;
    if (after.fence === null) this.#leaving = [];
    this.#place = after;
  }

  /** Ends the part before the line that does not fit; false if the part has no content to send yet. */
  #cutBefore(): boolean {
    const { fence } = this.#place;
    const reopened = fence === null ? 0 : fence.opening.length + 1;
    if (this.#part.length <= reopened) return false;
    const paragraph = fence === null && this.#paragraphEnd >= this.#max * FILLED_MIN;
    this.#close(paragraph ? this.#paragraphEnd : this.#part.length);
    return true;
  }

  #close(at: number): void {
    const kept = this.#part.slice(at);
    const head = this.#part.slice(0, at);
    const { fence, containers } = this.#place;
    this.#push(
      fence === null ? head : `${head.endsWith("\n") ? head : `${head}\n`}${marksOf(containers)}${fence.mark}`,
    );
    this.#part = fence === null ? kept : `${fence.opening}\n`;
    this.#paragraphEnd = 0;
    if (fence === null || containers.length === 0) return;
    this.#leaving = containers;
    this.#place = { ...TOP, fence };
  }

  #push(part: string): void {
    const text = part.replace(/^\n+/, "").trimEnd();
    if (text !== "") this.#parts.push(text);
  }
}

function shortOpening({ mark, opening }: Fence): string {
  const info = opening.slice(mark.length).trim();
  return `${mark.slice(0, MARK_CHARS_MAX)}${info}`.slice(0, OPENING_CHARS_MAX).trimEnd();
}

/** Length that closing the open code may add: a newline, the marks around it, and the fence. */
function closerLength({ fence, containers }: Place): number {
  return fence === null ? 0 : marksOf(containers).length + fence.mark.length + 1;
}

/** The longest beginning of at most `room` units that ends after a space, or anywhere but inside a character. */
function cutLine(line: string, room: number): string {
  const space = line.lastIndexOf(" ", room - 1);
  if (space > room / 2) return line.slice(0, space + 1);
  const last = line.charCodeAt(room - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return line.slice(0, splitsPair ? room - 1 : room);
}
