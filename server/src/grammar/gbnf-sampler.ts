/**
 * The random model, for tests: writes random texts of a grammar, as a language model that knows nothing would. Like an
 * engine, it keeps a set of stacks of what may come next, and picks the next character by a seed. A real model could
 * write any of these texts, so parsers and validators are tested with thousands of them, without weights. It reads the
 * dialect that `schema-to-gbnf.ts` writes.
 */
import { parseGbnf } from "@starai/protocol/gbnf/parse-gbnf";
import type { CharRanges, GbnfElement, GbnfGrammar, GbnfSequence } from "@starai/protocol/gbnf/parse-gbnf";

/** Elements still to be written, the next on top; `null` is the end. `least` is the fewest characters they can take. */
type Stack = { element: GbnfElement; rest: Stack; least: number } | null;
type Option = { chars: CharRanges; rest: Stack };

export interface SampleOptions {
  /** After this many characters the text ends as soon as it can. */
  charsMax?: number;
  /** Text already written; the sample continues it. */
  after?: string;
  /** Random numbers in [0, 1). */
  random: () => number;
}

/** Returns a random text of the grammar, or the rest of one; null when no text of the grammar begins with `after`. */
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

/** Whether the grammar accepts exactly this text. */
export function gbnfAccepts(gbnf: string, text: string): boolean {
  const machine = new Machine(parseGbnf(gbnf));
  const stacks = machine.read(text);
  return stacks.length > 0 && machine.expand(stacks).canEnd;
}

/** A small seeded generator (mulberry32), good enough to choose characters and branches. */
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

  /** Returns the stacks after this text; none if no text of the grammar begins with it. */
  read(text: string): Stack[] {
    let stacks: Stack[] = [this.#push({ kind: "rule", name: "root" }, null)];
    for (const char of text) {
      const code = char.codePointAt(0) ?? 0;
      const { options } = this.expand(stacks);
      stacks = options.filter((option) => contains(option.chars, code)).map((option) => option.rest);
    }
    return stacks;
  }

  /** Returns each possible next character with the stack after it, and whether the text may end here. */
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
    // Removes equal stacks; otherwise an ambiguous grammar would double them at every character.
    const unique = options.filter((option) => {
      const key = `${JSON.stringify(option.chars)}|${this.#identity(option.rest)}`;
      return !seen.has(key) && seen.add(key);
    });
    return { options: unique, canEnd };
  }

  readonly #ids = new WeakMap<object, number>();
  #nextId = 0;

  /** A key that is equal for stacks of equal elements. */
  #identity(stack: Stack): string {
    const parts: string[] = [];
    for (let at = stack; at !== null; at = at.rest) parts.push(this.#elementKey(at.element));
    return parts.join(",");
  }

  #elementKey(element: GbnfElement): string {
    if (element.kind === "rule") return element.name;
    if (element.kind === "repeat")
      return `${element.inner.map((one) => this.#elementKey(one)).join(" ")}{${element.min},${element.max}}`;
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
        open.push(this.#pushAll(element.inner, after));
      }
    }
  }

  #rule(name: string): readonly GbnfSequence[] {
    const rule = this.#grammar.get(name);
    if (rule === undefined) throw new Error(`the grammar has no rule ${name}`);
    return rule;
  }

  #pushAll(sequence: GbnfSequence, rest: Stack): Stack {
    return sequence.reduceRight<Stack>((stack, element) => this.#push(element, stack), rest);
  }

  #push(element: GbnfElement, rest: Stack): Stack {
    return { element, rest, least: this.#leastOf(element) + (rest?.least ?? 0) };
  }

  /** Computes the fewest characters of every rule: starts from infinity and repeats until nothing changes. */
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

  #leastOfAny(alternatives: readonly GbnfSequence[]): number {
    return Math.min(...alternatives.map((sequence) => this.#leastOfAll(sequence)));
  }

  #leastOfAll(sequence: GbnfSequence): number {
    return sequence.reduce((sum, element) => sum + this.#leastOf(element), 0);
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
        return element.min === 0 ? 0 : element.min * this.#leastOfAll(element.inner);
    }
  }
}

function fromCodes(codes: readonly number[]): string {
  return codes.map((code) => String.fromCodePoint(code)).join("");
}

function pick<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** Picks mostly ASCII, so that texts are readable; sometimes any character of the class. */
function pickChar(ranges: CharRanges, random: () => number): number {
  const usual =
    random() < 0.9 ? ranges.flatMap(([from, to]) => (from <= 126 ? [[from, Math.min(to, 126)] as const] : [])) : [];
  const [from, to] = pick(usual.length > 0 ? usual : ranges, random) ?? [0, 0];
  const code = from + Math.floor(random() * (to - from + 1));
  // A single surrogate is not a character; an emoji replaces it.
  return code >= 0xd800 && code <= 0xdfff ? 0x1f600 : code;
}

function contains(ranges: CharRanges, code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
