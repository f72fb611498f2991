/**
 * What is left of a grammar after a part of a text: a new grammar whose texts are exactly the continuations. With it an
 * engine continues an answer under a grammar although it can only begin one.
 *
 * After each character the walker holds a set of stacks. That set is a grammar already: each stack is an alternative,
 * and each of its cells a rule, "the rest of this sequence, then the next cell". Stacks share their tails, so do rules.
 */
import { GrammarWalker, TooAmbiguous } from "./grammar-walker.ts";
import type { Cell, Stack } from "./grammar-walker.ts";
import type { CharRanges, GbnfElement, GbnfGrammar, GbnfSequence } from "./parse-gbnf.ts";
import { utf8Beginning } from "./utf8-beginning.ts";
import { writeAlternatives, writeSequence } from "./write-gbnf.ts";

/** A few seconds of reading on a busy machine; 10,000 characters of an ordinary answer look at a twentieth of them. */
const STACKS_MAX = 3_000_000;
/** Twice the longest grammar a lease may bring; the rest of an ordinary one is about as long as the whole. */
const REST_CHARS_MAX = 1024 * 1024;

/**
 * The grammar of what may follow `committed`; null when no text of the grammar begins with it.
 * @throws {TooAmbiguous} when there are too many readings to follow, or the rest would be longer than a megabyte
 * @throws {Error} when `gbnf` is not a grammar of our dialect
 */
export function restOfGrammar(gbnf: string, committed: string): string | null {
  const walker = walkerAfter(gbnf, committed);
  return walker && new RestWriter(walker.grammar).write([...walker.stacks].map((after) => ({ ranges: null, after })));
}

/**
 * The same where a character was begun after `committed`: only continuations whose first character's UTF-8 begins with
 * the bytes `begun`, and that is written whole. Null also when no character begins with them.
 */
export function restAfterBytes(gbnf: string, committed: string, begun: Uint8Array): string | null {
  if (begun.length === 0) return restOfGrammar(gbnf, committed);
  const allowed = utf8Beginning(begun);
  const walker = allowed && walkerAfter(gbnf, committed);
  if (!walker) return null;
  const heads = walker.heads().map(({ ranges, after }) => ({ ranges: common(ranges, allowed), after }));
  const possible = heads.filter(({ ranges }) => ranges.length > 0);
  return possible.length === 0 ? null : new RestWriter(walker.grammar).write(possible);
}

/** Reads character by character: reading takes as long as the text, and as many stacks as the grammar has readings. */
function walkerAfter(gbnf: string, committed: string): GrammarWalker | null {
  const walker = new GrammarWalker(gbnf);
  for (const character of committed) {
    if (walker.accept(character) === 0) return null;
    if (walker.looked > STACKS_MAX) throw new TooAmbiguous("the grammar has too many readings of this text");
  }
  return walker;
}

/** Characters both allow. */
function common(ranges: CharRanges, [least, most]: readonly [number, number]): CharRanges {
  return ranges
    .map(([from, to]) => [Math.max(from, least), Math.min(to, most)] as const)
    .filter(([from, to]) => from <= to);
}

/** One way to go on: with any character of the ranges, where there are some, and then what comes after. */
interface Way {
  readonly ranges: CharRanges | null;
  readonly after: Stack;
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

  write(ways: readonly Way[]): string {
    const begin = ways.map(({ ranges, after }) => this.#sequence(ranges ? [{ kind: "chars", ranges }] : [], after));
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
