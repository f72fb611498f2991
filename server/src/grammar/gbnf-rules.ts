/**
 * Writes llama.cpp's text grammar (GBNF), rule by rule.
 *
 * `repeat` avoids two traps of its parser. A repeated group counts every rule inside it and fails past 2,000, so only
 * named rules are repeated. An upper bound above 2,000 silently becomes "unbounded", so long repetitions are composed
 * of blocks.
 */
import { fault } from "./schema-place.ts";

const GBNF_BYTES_MAX = 256 * 1024;
/** The engine unrolls repetitions into about one element each: this many take a few MB. */
const REPETITIONS_MAX = 50_000;
const BLOCK = 64;

export class GbnfRules {
  readonly #rules = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #bytes = 0;
  #repetitions = 0;

  /** Defines a rule by name; a second definition of the same name is ignored. */
  define(name: string, body: string): string {
    if (!this.#rules.has(name)) {
      this.#rules.set(name, body);
      this.#bytes += Buffer.byteLength(name) + Buffer.byteLength(body) + 6;
      if (this.#bytes > GBNF_BYTES_MAX)
        throw fault("", "its grammar is too big (256 KB); use fewer or shorter members and values");
    }
    return name;
  }

  has(name: string): boolean {
    return this.#rules.has(name);
  }

  /** Returns the name of the rule with this body; equal bodies share one rule. */
  share(body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = `r${this.#names.size}`;
    this.#names.set(body, name);
    return this.define(name, body);
  }

  /**
   * `rule` from `min` to `max` times; null is unbounded.
   * @throws {Refusal} unsupported_schema when all repetitions together are too many
   */
  repeat(rule: string, min: number, max: number | null): string {
    const more = max === null ? `${rule}*` : this.#upTo(rule, max - min);
    return join(this.#exactly(rule, min), more);
  }

  text(root: string): string {
    const lines = [...this.#rules].map(([name, body]) => `${name} ::= ${body}`);
    return [`root ::= ${root}`, ...lines, ""].join("\n");
  }

  #exactly(rule: string, count: number): string {
    const [blocks, rest] = [Math.floor(count / BLOCK), count % BLOCK];
    const whole = blocks === 0 ? "" : this.#times(this.#block(rule), `{${blocks}}`, blocks);
    return join(whole, rest === 0 ? "" : this.#shared(rule, `{${rest}}`, rest));
  }

  #upTo(rule: string, count: number): string {
    if (count === 0) return "";
    if (count < BLOCK) return this.#shared(rule, `{0,${count}}`, count);
    const [blocks, rest] = [Math.floor(count / BLOCK), count % BLOCK];
    const block = this.#block(rule);
    // First every count below blocks × 64, as whole blocks and a tail; then the counts from there on.
    const tail = this.#shared(rule, `{0,${BLOCK - 1}}`, BLOCK - 1);
    const few = blocks === 1 ? "" : this.#times(block, `{0,${blocks - 1}}`, blocks);
    const long = join(this.#times(block, `{${blocks}}`, blocks), this.#upTo(rule, rest));
    return `(${join(few, tail)} | ${long})`;
  }

  #block(rule: string): string {
    return this.#shared(rule, `{${BLOCK}}`, BLOCK);
  }

  /** A repetition as a shared rule, so that the engine unrolls it once. */
  #shared(rule: string, repetition: string, cost: number): string {
    const body = `${rule}${repetition}`;
    return this.#names.get(body) ?? this.share(this.#times(rule, repetition, cost));
  }

  #times(rule: string, repetition: string, cost: number): string {
    this.#repetitions += cost;
    if (this.#repetitions > REPETITIONS_MAX) {
      throw fault("", "its lengths add up to too big a grammar; leave out long `maxLength`, `minLength`, `maxItems`");
    }
    return `${rule}${repetition}`;
  }
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

/** A grammar literal that matches exactly this text. */
export function gbnfLiteral(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(/\p{Cc}/gu, hexEscape);
  return `"${escaped}"`;
}

function hexEscape(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
