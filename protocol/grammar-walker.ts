/**
 * The position of a text in a grammar: the open rules after each character, as a set of stacks of what may come next.
 *
 * The grammar is the text StarAI itself compiles (`gbnf-parser.ts`), so it has no left recursion. Equal stacks are one
 * object (hash-consing), so a set removes duplicates and the stacks of an ambiguous grammar share their tails.
 * @see Thompson, Regular Expression Search Algorithm (1968), whose list of live states this is, with stacks for states.
 */
import { parseGbnf } from "./gbnf-parser.ts";
import type { GbnfElement, GbnfGrammar } from "./gbnf-parser.ts";

/** One element still to be read, and what comes after it. */
interface Cell {
  readonly element: GbnfElement;
  readonly rest: Stack;
  readonly id: number;
}
type Stack = Cell | null;

/** Stacks looked at for one character. Compiled schemas need tens; beyond this a grammar is too ambiguous to follow. */
const STACKS_PER_CHARACTER_MAX = 20_000;
/** Cells remembered to recognise equal stacks; forgetting them costs a few duplicates and nothing else. */
const CELLS_KEPT_MAX = 50_000;

/** The grammar offers more readings of a text than can be followed; nothing is known about the text. */
export class TooAmbiguous extends Error {
  override readonly name = "TooAmbiguous";
}

export class GrammarWalker {
  readonly #grammar: GbnfGrammar;
  #stacks: ReadonlySet<Stack>;
  readonly #cells = new Map<string, Cell>();
  readonly #elementIds = new WeakMap<GbnfElement, number>();
  #elements = 0;
  /** A repetition with one turn taken, by the repetition: the same object each time, so that equal stacks are equal. */
  readonly #lessOne = new WeakMap<GbnfElement, GbnfElement>();
  #nextCell = 0;

  /** @throws {Error} when the text is not a grammar of our dialect */
  constructor(gbnf: string) {
    this.#grammar = parseGbnf(gbnf);
    this.#stacks = new Set([this.#push({ kind: "rule", name: "root" }, null)]);
  }

  /**
   * Reads on. Returns how many UTF-16 units of `text` fit: all of them, or as many as come before the first character
   * that no reading allows; the walker is then after those.
   * @throws {TooAmbiguous}
   */
  accept(text: string): number {
    let at = 0;
    for (const character of text) {
      const next = this.#after(character.codePointAt(0)!);
      if (next.size === 0) return at;
      this.#stacks = next;
      at += character.length;
    }
    return at;
  }

  /** Whether the text may end here. */
  canEnd(): boolean {
    return this.#heads().canEnd;
  }

  #after(code: number): Set<Stack> {
    const next = new Set<Stack>();
    for (const { element, rest } of this.#heads().cells)
      if (element.kind === "chars" && isInside(element.ranges, code)) next.add(rest);
    if (this.#cells.size > CELLS_KEPT_MAX) this.#cells.clear();
    return next;
  }

  /** Every stack with a class of characters on top that the present stacks lead to. */
  #heads(): { cells: Set<Cell>; canEnd: boolean } {
    const cells = new Set<Cell>();
    const seen = new Set<Stack>(this.#stacks);
    const open = [...seen];
    let canEnd = false;
    for (let stack = open.pop(); stack !== undefined; stack = open.pop()) {
      if (stack === null) canEnd = true;
      else if (stack.element.kind === "chars") cells.add(stack);
      else {
        for (const one of this.#unfold(stack)) {
          if (seen.has(one)) continue;
          seen.add(one);
          open.push(one);
        }
        if (seen.size > STACKS_PER_CHARACTER_MAX) throw new TooAmbiguous("the grammar has too many readings");
      }
    }
    return { cells, canEnd };
  }

  /** What a rule, a group or a repetition on top of a stack stands for. */
  #unfold({ element, rest }: Cell): Stack[] {
    switch (element.kind) {
      case "rule": {
        const alternatives = this.#grammar.get(element.name);
        if (!alternatives) throw new Error(`the grammar has no rule ${element.name}`);
        return alternatives.map((sequence) => this.#pushAll(sequence, rest));
      }
      case "group":
        return element.alternatives.map((sequence) => this.#pushAll(sequence, rest));
      case "repeat": {
        const without = element.min === 0 ? [rest] : [];
        if (element.max === 0) return without;
        return [...without, this.#push(element.inner, this.#push(this.#withoutOne(element), rest))];
      }
      case "chars":
        return [];
    }
  }

  #withoutOne(element: GbnfElement & { kind: "repeat" }): GbnfElement {
    if (element.min === 0 && element.max === null) return element;
    const known = this.#lessOne.get(element);
    if (known) return known;
    const max = element.max === null ? null : element.max - 1;
    const less: GbnfElement = { ...element, min: Math.max(0, element.min - 1), max };
    this.#lessOne.set(element, less);
    return less;
  }

  #pushAll(sequence: readonly GbnfElement[], rest: Stack): Stack {
    return sequence.reduceRight<Stack>((stack, element) => this.#push(element, stack), rest);
  }

  #push(element: GbnfElement, rest: Stack): Stack {
    if (element.kind === "repeat" && element.max === 0) return rest;
    const key = `${this.#idOf(element)}.${rest?.id ?? -1}`;
    const known = this.#cells.get(key);
    if (known) return known;
    const cell = { element, rest, id: this.#nextCell++ };
    this.#cells.set(key, cell);
    return cell;
  }

  #idOf(element: GbnfElement): number {
    const known = this.#elementIds.get(element);
    if (known !== undefined) return known;
    this.#elementIds.set(element, this.#elements);
    return this.#elements++;
  }
}

function isInside(ranges: readonly (readonly [number, number])[], code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
