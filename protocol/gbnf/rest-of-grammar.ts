/**
 * What is left of a grammar after a part of a text: a new grammar whose texts are exactly the continuations. With it an
 * engine continues an answer under a grammar although it can only begin one.
 *
 * After each character the walker holds a set of stacks. That set is a grammar already: each stack is an alternative,
 * and each of its cells a rule, "the rest of this sequence, then the next cell". Stacks share their tails, so do rules.
 */
import { GrammarWalker, TooAmbiguous } from "./grammar-walker.ts";
import type { Cell, Stack } from "./grammar-walker.ts";
import type { GbnfElement, GbnfGrammar, GbnfSequence } from "./parse-gbnf.ts";
import { writeAlternatives, writeSequence } from "./write-gbnf.ts";

/** A few seconds of reading on a busy machine; 10,000 characters of an ordinary answer look at a twentieth of them. */
const STACKS_MAX = 3_000_000;
/** Twice the longest grammar a lease may bring; the rest of an ordinary one is about as long as the whole. */
const REST_CHARS_MAX = 1024 * 1024;

/** A text on its way through a grammar. It is read on as it grows, so that no part of it is read twice. */
export class FollowedText {
  readonly #walker: GrammarWalker;

  /** @throws {Error} when `gbnf` is not a grammar of our dialect */
  constructor(gbnf: string) {
    this.#walker = new GrammarWalker(gbnf);
  }

  /**
   * Reads on: as long as the text is, times as many stacks as the grammar has readings.
   * @returns false when no text of the grammar begins so
   * @throws {TooAmbiguous} when there are too many readings to follow
   */
  add(text: string): boolean {
    for (const character of text) {
      if (this.#walker.accept(character) === 0) return false;
      if (this.#walker.looked > STACKS_MAX) throw new TooAmbiguous("the grammar has too many readings of this text");
    }
    return true;
  }

  /**
   * The grammar of what may follow.
   * @throws {TooAmbiguous} when it would be longer than a megabyte
   */
  rest(): string {
    return new RestWriter(this.#walker.grammar).write([...this.#walker.stacks]);
  }
}

/** The grammar of what may follow `committed`; null when no text of the grammar begins with it. Throws as `FollowedText` does. */
export function restOfGrammar(gbnf: string, committed: string): string | null {
  const followed = new FollowedText(gbnf);
  return followed.add(committed) ? followed.rest() : null;
}

class RestWriter {
  readonly #grammar: GbnfGrammar;
  /** Begins the name of every new rule and of no old one. */
  readonly #prefix: string;
  readonly #cells = new Map<Cell, string>();
  /** Old rules in use. */
  readonly #used = new Set<string>();
  readonly #lines: string[] = [];
  #chars = 0;

  constructor(grammar: GbnfGrammar) {
    this.#grammar = grammar;
    let prefix = "rest";
    while ([...grammar.keys()].some((name) => name.startsWith(prefix))) prefix += "-rest";
    this.#prefix = prefix;
  }

  write(stacks: readonly Stack[]): string {
    const begin = stacks.map((after) => this.#sequence([], after));
    // Writing a cell or a rule may add further ones; the loops reach them too.
    this.#line("root", [...new Set(begin)].join(" | "));
    for (const [cell, name] of this.#cells) this.#line(name, this.#sequence(left(cell), cell.rest));
    for (const name of this.#used)
      this.#line(this.#nameOf(name), writeAlternatives(this.#grammar.get(name)!, this.#use));
    return `${this.#lines.join("\n")}\n`;
  }

  #line(name: string, body: string): void {
    const line = `${name} ::= ${body}`;
    this.#chars += line.length + 1;
    if (this.#chars > REST_CHARS_MAX) throw new TooAmbiguous("the rest of the grammar is longer than a megabyte");
    this.#lines.push(line);
  }

  #sequence(elements: GbnfSequence, rest: Stack): string {
    const tail = rest === null ? "" : ` ${this.#cellName(rest)}`;
    return elements.length === 0 && rest ? tail.trim() : `${writeSequence(elements, this.#use)}${tail}`;
  }

  #cellName(cell: Cell): string {
    const known = this.#cells.get(cell);
    if (known !== undefined) return known;
    const name = `${this.#prefix}-${this.#cells.size}`;
    this.#cells.set(cell, name);
    return name;
  }

  readonly #use = (rule: string): string => {
    this.#used.add(rule);
    return this.#nameOf(rule);
  };

  /** The old root may be reached by recursion, and is no longer the beginning. */
  #nameOf(rule: string): string {
    return rule === "root" ? `${this.#prefix}-root` : rule;
  }
}

/** What is left of a cell's sequence. */
function left({ sequence, at, turns }: Cell): GbnfSequence {
  const element = sequence[at]!;
  return [turns > 0 && element.kind === "repeat" ? lessTurns(element, turns) : element, ...sequence.slice(at + 1)];
}

function lessTurns(element: GbnfElement & { kind: "repeat" }, turns: number): GbnfElement {
  const max = element.max === null ? null : element.max - turns;
  return { ...element, min: Math.max(0, element.min - turns), max };
}
