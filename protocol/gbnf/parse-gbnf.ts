/**
 * Reads the part of llama.cpp's grammar text (GBNF) that StarAI writes: literals, classes, groups, repetitions, rules.
 * Each rule is one line; there are no comments.
 * @see https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
 */

/** Inclusive ranges of code points. */
export type CharRanges = readonly (readonly [number, number])[];

export type GbnfElement =
  /** One character out of these ranges. */
  | { kind: "chars"; ranges: CharRanges }
  | { kind: "rule"; name: string }
  | { kind: "group"; alternatives: readonly GbnfSequence[] }
  | { kind: "repeat"; inner: GbnfSequence; min: number; max: number | null };

export type GbnfSequence = readonly GbnfElement[];

/** Alternatives by rule name. It has a `root`, and every rule that it names. */
export type GbnfGrammar = ReadonlyMap<string, readonly GbnfSequence[]>;

const CODE_POINT_MAX = 0x10ffff;
/** Groups inside groups: compiled schemas have a handful, and a hostile text must not overflow the parser's stack. */
const NESTED_MAX = 100;

/** @throws {Error} on anything outside the dialect, naming where */
export function parseGbnf(text: string): GbnfGrammar {
  const grammar = new Map<string, readonly GbnfSequence[]>();
  const named = new Set(["root"]);
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const match = /^([a-zA-Z0-9-]+) *::= *(.*)$/s.exec(line);
    if (match === null) throw new Error(`not a rule: ${line.slice(0, 80)}`);
    const [, name = "", body = ""] = match;
    grammar.set(name, new BodyParser(body, named).parse());
  }
  for (const name of named) if (!grammar.has(name)) throw new Error(`the grammar has no rule ${name}`);
  return grammar;
}

class BodyParser {
  readonly #text: string;
  /** Every rule that a body names. */
  readonly #named: Set<string>;
  #at = 0;
  #nested = 0;

  constructor(text: string, named: Set<string>) {
    this.#text = text;
    this.#named = named;
  }

  parse(): GbnfSequence[] {
    const alternatives = this.#alternatives();
    if (this.#at < this.#text.length) throw this.#fault();
    return alternatives;
  }

  #alternatives(): GbnfSequence[] {
    const alternatives = [this.#sequence()];
    while (this.#take("|")) alternatives.push(this.#sequence());
    return alternatives;
  }

  #sequence(): GbnfSequence {
    const sequence: GbnfElement[] = [];
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || char === "|" || char === ")") return sequence;
      const atom = this.#atom(char);
      const times = this.#times();
      if (times === null) for (const element of atom) sequence.push(element);
      else sequence.push({ kind: "repeat", inner: atom, ...times });
    }
  }

  /** What a repetition after it would repeat: of a literal all characters. */
  #atom(char: string): GbnfSequence {
    if (char === '"') return this.#literal();
    if (char === "[") return [this.#class()];
    if (char === "(") return [this.#group()];
    const name = /^[a-zA-Z0-9-]+/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) throw this.#fault();
    this.#at += name.length;
    this.#named.add(name);
    return [{ kind: "rule", name }];
  }

  #group(): GbnfElement {
    this.#at++;
    if (++this.#nested > NESTED_MAX) throw this.#fault();
    const alternatives = this.#alternatives();
    if (!this.#take(")")) throw this.#fault();
    this.#nested--;
    return { kind: "group", alternatives };
  }

  #times(): { min: number; max: number | null } | null {
    const match = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/.exec(this.#text.slice(this.#at));
    if (match === null) return null;
    const [mark, least, comma, most] = match;
    const min = least === undefined ? (mark === "+" ? 1 : 0) : Number(least);
    const bound = most === "" ? null : Number(most);
    const max = least === undefined ? (mark === "?" ? 1 : null) : comma === undefined ? min : bound;
    if (max !== null && max < min) throw this.#fault();
    this.#at += mark.length;
    return { min, max };
  }

  #literal(): GbnfSequence {
    this.#at++;
    const elements: GbnfElement[] = [];
    while (this.#text[this.#at] !== '"') {
      const code = this.#character();
      elements.push({ kind: "chars", ranges: [[code, code]] });
    }
    this.#at++;
    return elements;
  }

  #class(): GbnfElement {
    this.#at++;
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    const ranges: [number, number][] = [];
    while (this.#text[this.#at] !== "]") {
      const from = this.#character();
      const isRange = this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]";
      if (isRange) this.#at++;
      ranges.push([from, isRange ? this.#character() : from]);
    }
    this.#at++;
    return { kind: "chars", ranges: negated ? complement(ranges) : ranges };
  }

  /** One character, escaped or not, as its code point. */
  #character(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw this.#fault();
    if (code !== 0x5c) {
      this.#at += code > 0xffff ? 2 : 1;
      return code;
    }
    const [escape, mark = ""] = ESCAPE.exec(this.#text.slice(this.#at, this.#at + 10)) ?? [];
    if (escape === undefined) throw this.#fault();
    const escaped = escape.length > 2 ? Number.parseInt(escape.slice(2), 16) : (SHORT[mark] ?? mark).codePointAt(0)!;
    if (escaped > CODE_POINT_MAX) throw this.#fault();
    this.#at += escape.length;
    return escaped;
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #fault(): Error {
    return new Error(`cannot read the grammar at: ${this.#text.slice(this.#at, this.#at + 60)}`);
  }
}

/** By number, or a character that the grammar's own marks would be taken for, or a line's end. */
const ESCAPE = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(["\\[\]nrt]))/;
const SHORT: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function complement(ranges: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) result.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= CODE_POINT_MAX) result.push([next, CODE_POINT_MAX]);
  return result;
}
