/**
 * The chaos model: a language model that knows nothing and obeys the grammar. It walks GBNF text the way an engine
 * does — a set of stacks of what may come next — and picks the next character at random, by seed. Whatever it
 * writes is what a real model could be driven to write, so loops, parsers and validators are tried on it by the
 * thousand without weights. For tests; it reads the dialect `schema-to-gbnf.ts` writes.
 */
import { parseGbnf } from "@starai/protocol/gbnf-parser";
import type { GbnfElement, GbnfGrammar } from "@starai/protocol/gbnf-parser";

/** What is still to be written, first element on top; `null` is the end. `least` = fewest characters it can take. */
type Stack = { element: GbnfElement; rest: Stack; least: number } | null;
type Option = { chars: CharSet; rest: Stack };
type CharSet = readonly (readonly [number, number])[];

export interface SampleOptions {
  /** After this many characters only the shortest way to the end is taken. */
  charsMax?: number;
  /** What is written already: the sample goes on after it. */
  after?: string;
  /** Random numbers in [0, 1). */
  random: () => number;
}

/** One random text of the grammar, or the rest of one; null when nothing of the grammar begins as `after` does. */
export function sampleGbnf(gbnf: string, options: SampleOptions & { after: string }): string | null;
export function sampleGbnf(gbnf: string, options: SampleOptions): string;
export function sampleGbnf(gbnf: string, { charsMax = 2_000, random, after = "" }: SampleOptions): string | null {
  const machine = new Machine(parseGbnf(gbnf));
  const codes: number[] = [];
  let stacks = machine.read(after);
  if (stacks.length === 0) return null;
  for (;;) {
    const { options, canEnd } = machine.expand(stacks);
    if (options.length === 0) return fromCodes(codes);
    const hurry = codes.length >= charsMax;
    if (canEnd && (hurry || random() < 0.2)) return fromCodes(codes);
    const least = Math.min(...options.map((option) => option.rest?.least ?? 0));
    const chosen = hurry ? options.find((option) => (option.rest?.least ?? 0) === least) : pick(options, random);
    if (chosen === undefined) return fromCodes(codes);
    const code = pickChar(chosen.chars, random);
    codes.push(code);
    stacks = options.filter((option) => contains(option.chars, code)).map((option) => option.rest);
  }
}

/** Whether the grammar can write exactly this text. */
export function gbnfAccepts(gbnf: string, text: string): boolean {
  const machine = new Machine(parseGbnf(gbnf));
  const stacks = machine.read(text);
  return stacks.length > 0 && machine.expand(stacks).canEnd;
}

/** A small seeded generator (mulberry32), enough to choose characters and branches. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Machine {
  readonly #grammar: GbnfGrammar;
  readonly #least = new Map<string, number>();

  constructor(grammar: GbnfGrammar) {
    this.#grammar = grammar;
    this.#measure();
  }

  /** Where the grammar stands after this text; nowhere when it cannot begin so. */
  read(text: string): Stack[] {
    let stacks: Stack[] = [this.#push({ kind: "rule", name: "root" }, null)];
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0;
      const { options } = this.expand(stacks);
      stacks = options.filter((option) => contains(option.chars, code)).map((option) => option.rest);
    }
    return stacks;
  }

  /** Every next character and what follows it; `canEnd` when the text may stop here. */
  expand(stacks: readonly Stack[]): { options: Option[]; canEnd: boolean } {
    const options: Option[] = [];
    let canEnd = false;
    const open = [...stacks];
    const seen = new Set<string>();
    for (let stack = open.pop(); stack !== undefined; stack = open.pop()) {
      if (stack === null) canEnd = true;
      else this.#step(stack, open, options);
      if (open.length > 10_000) throw new Error("the grammar is too ambiguous for the sampler");
    }
    // Two ways to the same rest are one; without this, ambiguity doubles at every character.
    const unique = options.filter((option) => {
      const key = `${JSON.stringify(option.chars)}|${this.#identity(option.rest)}`;
      return !seen.has(key) && seen.add(key);
    });
    return { options: unique, canEnd };
  }

  readonly #ids = new WeakMap<object, number>();
  #nextId = 0;

  /** Stacks are compared by their elements, not by how they were built. */
  #identity(stack: Stack): string {
    const parts: string[] = [];
    for (let at = stack; at !== null; at = at.rest) parts.push(this.#elementKey(at.element));
    return parts.join(",");
  }

  #elementKey(element: GbnfElement): string {
    if (element.kind === "rule") return element.name;
    if (element.kind === "repeat") return `${this.#elementKey(element.inner)}{${element.min},${element.max}}`;
    let id = this.#ids.get(element);
    if (id === undefined) this.#ids.set(element, (id = this.#nextId++));
    return `#${id}`;
  }

  #step({ element, rest }: NonNullable<Stack>, open: Stack[], options: Option[]): void {
    switch (element.kind) {
      case "chars":
        options.push({ chars: element.ranges, rest });
        return;
      case "rule":
        for (const sequence of this.#rule(element.name)) open.push(this.#pushAll(sequence, rest));
        return;
      case "group":
        for (const sequence of element.alternatives) open.push(this.#pushAll(sequence, rest));
        return;
      case "repeat": {
        if (element.min === 0) open.push(rest);
        if (element.max === 0) return;
        const again = {
          ...element,
          min: Math.max(0, element.min - 1),
          max: element.max === null ? null : element.max - 1,
        };
        const after = again.max === 0 ? rest : this.#push(again, rest);
        open.push(this.#push(element.inner, after));
      }
    }
  }

  #rule(name: string): readonly (readonly GbnfElement[])[] {
    const rule = this.#grammar.get(name);
    if (rule === undefined) throw new Error(`the grammar has no rule ${name}`);
    return rule;
  }

  #pushAll(sequence: readonly GbnfElement[], rest: Stack): Stack {
    return sequence.reduceRight<Stack>((stack, element) => this.#push(element, stack), rest);
  }

  #push(element: GbnfElement, rest: Stack): Stack {
    return { element, rest, least: this.#leastOf(element) + (rest?.least ?? 0) };
  }

  /** Fewest characters of every rule, as a fixpoint from "endless". */
  #measure(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const [name, alternatives] of this.#grammar) {
        const least = this.#leastOfAny(alternatives);
        if (least >= (this.#least.get(name) ?? Infinity)) continue;
        this.#least.set(name, least);
        changed = true;
      }
    }
  }

  #leastOfAny(alternatives: readonly (readonly GbnfElement[])[]): number {
    const sums = alternatives.map((sequence) => sequence.reduce((sum, element) => sum + this.#leastOf(element), 0));
    return Math.min(...sums);
  }

  #leastOf(element: GbnfElement): number {
    switch (element.kind) {
      case "chars":
        return 1;
      case "rule":
        return this.#least.get(element.name) ?? Infinity;
      case "group":
        return this.#leastOfAny(element.alternatives);
      case "repeat":
        return element.min === 0 ? 0 : element.min * this.#leastOf(element.inner);
    }
  }
}

function fromCodes(codes: readonly number[]): string {
  return codes.map((code) => String.fromCodePoint(code)).join("");
}

function pick<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** Mostly ASCII, so that texts look like texts; sometimes anything the class allows. */
function pickChar(ranges: CharSet, random: () => number): number {
  const usual =
    random() < 0.9 ? ranges.flatMap(([from, to]) => (from <= 126 ? [[from, Math.min(to, 126)] as const] : [])) : [];
  const [from, to] = pick(usual.length > 0 ? usual : ranges, random) ?? [0, 0];
  const code = from + Math.floor(random() * (to - from + 1));
  // No text holds half a surrogate pair.
  return code >= 0xd800 && code <= 0xdfff ? 0x1f600 : code;
}

function contains(ranges: CharSet, code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
