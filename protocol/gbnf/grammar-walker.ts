/**
 * The position of a text in a grammar: the open rules after each character, as a set of stacks of what may come next.
 *
 * The grammar is the text StarAI itself compiles (`parse-gbnf.ts`), so it has no left recursion. Equal stacks are one
 * object (hash-consing), so a set removes duplicates and the stacks of an ambiguous grammar share their tails.
 * @see Thompson, Regular Expression Search Algorithm (1968), whose list of live states this is, with stacks for states.
 */
import { parseGbnf } from "./parse-gbnf.ts";
import type { CharRanges, GbnfElement, GbnfGrammar, GbnfSequence } from "./parse-gbnf.ts";

/** A place in a sequence, and what comes after the sequence. */
export interface Cell {
  readonly sequence: GbnfSequence;
  /** The next element, which exists. */
  readonly at: number;
  /** If that is a repetition, the turns it has had; no more are counted than its bounds tell apart. */
  readonly turns: number;
  readonly rest: Stack;
  readonly id: number;
}
/** Null is the end of the text. */
export type Stack = Cell | null;

/** Characters that may come next, and what comes after one of them. */
export interface Head {
  readonly ranges: CharRanges;
  readonly after: Stack;
}

/** Stacks looked at for one character. Compiled schemas need tens; beyond this a grammar is too ambiguous to follow. */
const STACKS_PER_CHARACTER_MAX = 20_000;
/** Cells remembered to recognise equal stacks; forgetting them costs a few duplicates and nothing else. */
const CELLS_KEPT_MAX = 50_000;

/** The grammar offers more readings of a text than can be followed; nothing is known about the text. */
export class TooAmbiguous extends Error {
  override readonly name = "TooAmbiguous";
}

export class GrammarWalker {
  readonly grammar: GbnfGrammar;
  #stacks: ReadonlySet<Stack>;
  readonly #cells = new Map<string, Cell>();
  readonly #sequenceIds = new WeakMap<GbnfSequence, number>();
  #sequences = 0;
  #nextCell = 0;
  #looked = 0;

  /** @throws {Error} when the text is not a grammar of our dialect */
  constructor(gbnf: string) {
    this.grammar = parseGbnf(gbnf);
    this.#stacks = new Set([this.#push([{ kind: "rule", name: "root" }], 0, 0, null)]);
  }

  /** What may follow the text so far, one stack a reading; never empty. */
  get stacks(): ReadonlySet<Stack> {
    return this.#stacks;
  }

  /** Stacks looked at since the beginning: the measure of the work done. */
  get looked(): number {
    return this.#looked;
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
    return this.#expand().canEnd;
  }

  #after(code: number): Set<Stack> {
    const next = new Set<Stack>();
    for (const { ranges, after } of this.#expand().heads) if (isInside(ranges, code)) next.add(after);
    if (this.#cells.size > CELLS_KEPT_MAX) this.#cells.clear();
    return next;
  }

  /** Follows the present stacks down to every class of characters that they lead to. */
  #expand(): { heads: Head[]; canEnd: boolean } {
    const heads: Head[] = [];
    const seen = new Set<Stack>(this.#stacks);
    const open = [...seen];
    let canEnd = false;
    for (let stack = open.pop(); stack !== undefined; stack = open.pop()) {
      if (stack === null) {
        canEnd = true;
        continue;
      }
      const element = stack.sequence[stack.at]!;
      if (element.kind === "chars") heads.push({ ranges: element.ranges, after: this.#next(stack) });
      for (const one of this.#unfold(stack, element)) {
        if (seen.has(one)) continue;
        seen.add(one);
        open.push(one);
      }
      if (seen.size > STACKS_PER_CHARACTER_MAX) throw new TooAmbiguous("the grammar has too many readings");
    }
    this.#looked += seen.size;
    return { heads, canEnd };
  }

  /** What a rule, a group or a repetition on top of a stack stands for. */
  #unfold(cell: Cell, element: GbnfElement): Stack[] {
    switch (element.kind) {
      case "chars":
        return [];
      case "rule":
        return this.#pushEach(this.grammar.get(element.name)!, this.#next(cell));
      case "group":
        return this.#pushEach(element.alternatives, this.#next(cell));
      case "repeat": {
        const ended = cell.turns >= element.min ? [this.#next(cell)] : [];
        if (cell.turns === element.max) return ended;
        return [...ended, this.#push(element.inner, 0, 0, this.#again(cell, element))];
      }
    }
  }

  #pushEach(alternatives: readonly GbnfSequence[], rest: Stack): Stack[] {
    return alternatives.map((sequence) => this.#push(sequence, 0, 0, rest));
  }

  #next({ sequence, at, rest }: Cell): Stack {
    return this.#push(sequence, at + 1, 0, rest);
  }

  /** The cell of a repetition after one more turn. */
  #again(cell: Cell, { min, max }: GbnfElement & { kind: "repeat" }): Stack {
    const turns = max === null ? Math.min(cell.turns + 1, min) : cell.turns + 1;
    return turns === max ? this.#next(cell) : this.#push(cell.sequence, cell.at, turns, cell.rest);
  }

  #push(sequence: GbnfSequence, at: number, turns: number, rest: Stack): Stack {
    if (at === sequence.length) return rest;
    const key = `${this.#idOf(sequence)}.${at}.${turns}.${rest?.id ?? -1}`;
    const known = this.#cells.get(key);
    if (known) return known;
    const cell = { sequence, at, turns, rest, id: this.#nextCell++ };
    this.#cells.set(key, cell);
    return cell;
  }

  #idOf(sequence: GbnfSequence): number {
    const known = this.#sequenceIds.get(sequence);
    if (known !== undefined) return known;
    this.#sequenceIds.set(sequence, this.#sequences);
    return this.#sequences++;
  }
}

function isInside(ranges: CharRanges, code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
