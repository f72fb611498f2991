/**
 * Writes llama.cpp's text grammar (GBNF), rule by rule.
 *
 * Traps of its parser, all met by `repeat`: a repetition of a group counts every rule inside it and fails past
 * 2,000, so only named rules are repeated; an upper bound above 2,000 is silently taken as "unbounded", so long
 * repetitions are composed of blocks.
 */
import { fault } from "./schema-place.ts";

const GBNF_BYTES_MAX = 256 * 1024;
/** The engine unrolls repetitions: about one element each, so this is a few MB there. */
const REPETITIONS_MAX = 50_000;
const BLOCK = 64;
/** Repetitions up to here are left to the engine; far under its own bound of 2,000. */
const PLAIN_REPEAT_MAX = 256;

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

  /** A rule for this body, the same one for the same body. */
  share(body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = `r${this.#names.size}`;
    this.#names.set(body, name);
    return this.define(name, body);
  }

  /** `rule` between `min` and `max` times; `max` null is without bound. Throws a Refusal when it costs too much. */
  repeat(rule: string, min: number, max: number | null, pointer = ""): string {
    if (max === null) return min === 0 ? `${rule}*` : `${this.#exactly(rule, min, pointer)} ${rule}*`;
    const parts = [this.#exactly(rule, min, pointer), this.#upTo(rule, max - min, pointer)];
    return parts.filter((part) => part !== "").join(" ");
  }

  text(root: string): string {
    const lines = [...this.#rules].map(([name, body]) => `${name} ::= ${body}`);
    return [`root ::= ${root}`, ...lines, ""].join("\n");
  }

  #exactly(rule: string, count: number, pointer: string): string {
    if (count === 0) return "";
    if (count <= BLOCK) return this.#times(rule, `{${count}}`, count, pointer);
    const [blocks, rest] = [Math.floor(count / BLOCK), count % BLOCK];
    return [this.#times(this.#block(rule), `{${blocks}}`, blocks, pointer), this.#exactly(rule, rest, pointer)]
      .filter((part) => part !== "")
      .join(" ");
  }

  #upTo(rule: string, count: number, pointer: string): string {
    if (count === 0) return "";
    if (count <= PLAIN_REPEAT_MAX) return this.#times(rule, `{0,${count}}`, count, pointer);
    const [blocks, rest] = [Math.floor(count / BLOCK), count % BLOCK];
    const block = this.#block(rule);
    // Every length below blocks × 64 by whole blocks and a tail, then the lengths from there on.
    const short = `${this.#times(block, `{0,${blocks - 1}}`, blocks, pointer)} ${rule}{0,${BLOCK - 1}}`;
    const long = `${block}{${blocks}} ${this.#upTo(rule, rest, pointer)}`.trim();
    this.#spend(BLOCK + blocks, pointer);
    return `(${short} | ${long})`;
  }

  #block(rule: string): string {
    return this.share(`${rule}{${BLOCK}}`);
  }

  #times(rule: string, repetition: string, cost: number, pointer: string): string {
    this.#spend(cost, pointer);
    return `${rule}${repetition}`;
  }

  #spend(cost: number, pointer: string): void {
    this.#repetitions += cost;
    if (this.#repetitions > REPETITIONS_MAX) {
      throw fault(
        pointer,
        "its lengths add up to too big a grammar; leave out long `maxLength`, `minLength`, `maxItems`",
      );
    }
  }
}

/** A literal of the grammar that writes exactly this text. */
export function gbnfLiteral(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(/[\u0000-\u001f\u007f]/g, hexEscape);
  return `"${escaped}"`;
}

function hexEscape(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
