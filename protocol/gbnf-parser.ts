/** Reads the part of llama.cpp's grammar text that StarAI writes: literals, classes, groups, repetitions, rules. */

export type GbnfElement =
  /** One character out of inclusive code point ranges. */
  | { kind: "chars"; ranges: readonly (readonly [number, number])[] }
  | { kind: "rule"; name: string }
  | { kind: "group"; alternatives: readonly (readonly GbnfElement[])[] }
  | { kind: "repeat"; inner: GbnfElement; min: number; max: number | null };

/** Alternatives of sequences, by rule name. */
export type GbnfGrammar = ReadonlyMap<string, readonly (readonly GbnfElement[])[]>;

const CODE_POINT_MAX = 0x10ffff;

/** Throws on anything outside the dialect, naming where. */
export function parseGbnf(text: string): GbnfGrammar {
  const grammar = new Map<string, readonly (readonly GbnfElement[])[]>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const match = /^([a-z0-9-]+) ::= (.*)$/s.exec(line);
    if (match === null) throw new Error(`not a rule: ${line.slice(0, 80)}`);
    const [, name = "", body = ""] = match;
    grammar.set(name, new BodyParser(body).parse());
  }
  return grammar;
}

class BodyParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): GbnfElement[][] {
    const alternatives = this.#alternatives();
    if (this.#at < this.#text.length) throw this.#fault();
    return alternatives;
  }

  #alternatives(): GbnfElement[][] {
    const alternatives = [this.#sequence()];
    while (this.#take("|")) alternatives.push(this.#sequence());
    return alternatives;
  }

  #sequence(): GbnfElement[] {
    const sequence: GbnfElement[] = [];
    for (;;) {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || char === "|" || char === ")") return sequence;
      const atoms = this.#atom(char);
      const last = atoms.pop();
      sequence.push(...atoms);
      if (last !== undefined) sequence.push(this.#repeated(last));
    }
  }

  /** A literal is several elements, all of which a repetition would repeat; our dialect repeats one character only. */
  #atom(char: string): GbnfElement[] {
    if (char === '"') return this.#literal();
    if (char === "[") return [this.#class()];
    if (this.#take("(")) {
      const alternatives = this.#alternatives();
      if (!this.#take(")")) throw this.#fault();
      return [{ kind: "group", alternatives }];
    }
    const name = /^[a-z0-9-]+/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) throw this.#fault();
    this.#at += name.length;
    return [{ kind: "rule", name }];
  }

  #repeated(inner: GbnfElement): GbnfElement {
    if (this.#text[this.#at] === "*") return this.#repeat(inner, 0, null, 1);
    if (this.#text[this.#at] === "+") return this.#repeat(inner, 1, null, 1);
    if (this.#text[this.#at] === "?") return this.#repeat(inner, 0, 1, 1);
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#at));
    if (match === null) return inner;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === "" ? null : Number(match[3]);
    return this.#repeat(inner, min, max, match[0].length);
  }

  #repeat(inner: GbnfElement, min: number, max: number | null, length: number): GbnfElement {
    this.#at += length;
    return { kind: "repeat", inner, min, max };
  }

  #literal(): GbnfElement[] {
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
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(this.#text.slice(this.#at, this.#at + 4))?.[1];
    if (hex !== undefined) {
      this.#at += 4;
      return Number.parseInt(hex, 16);
    }
    const escaped = this.#text.charCodeAt(this.#at + 1);
    // Only quotes, brackets and the backslash itself are escaped otherwise.
    if (![0x22, 0x5c, 0x5b, 0x5d].includes(escaped)) throw this.#fault();
    this.#at += 2;
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
