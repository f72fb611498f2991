/**
 * Turns a LaTeX formula into a line of characters that reads the same: `\frac{a}{b^2}` is `a/b²`. If there are none for
 * it (matrices, unknown commands), the result is `null` and the caller shows the source.
 */
import { ACCENTS, DOUBLE_STRUCK, FUNCTIONS, SUBSCRIPTS, SUPERSCRIPTS, SYMBOLS } from "./formula-symbols.ts";

/** Greatest nesting; a deeper formula is unreadable on one line. */
const DEPTH_MAX = 12;
/** Longest source; a longer formula does not fit one line. */
const CHARS_MAX = 2_000;

/** `null` if characters cannot express it. Lines of `aligned` and the like become lines of the answer. */
export function formulaText(latex: string): string | null {
  if (latex.length > CHARS_MAX) return null;
  const lines = withoutEnvironment(latex).split(/\\\\(?:\[[^\]]*\])?/);
  const texts = lines.map((line) => new Formula(line.replace(/(?<!\\)&/g, "")).read());
  const whole = texts.filter((text): text is string => text !== null && text !== "");
  return texts.includes(null) || whole.length === 0 ? null : whole.join("\n");
}

function withoutEnvironment(latex: string): string {
  const inner = /^\s*\\begin\{(aligned|align|gathered|gather|split|equation)(\*?)\}([\s\S]*)\\end\{\1\2\}\s*$/.exec(
    latex,
  );
  return inner?.[3] ?? latex;
}

/** Thrown and caught inside this module only. */
class Unreadable extends Error {}

class Formula {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): string | null {
    try {
      const text = this.#sequence(DEPTH_MAX, null);
      return text.replace(/\s+/g, " ").trim();
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
  }

  /** Reads up to and including the closing character; to the end if it is null. */
  #sequence(depth: number, closing: string | null): string {
    if (depth === 0) throw new Unreadable();
    let text = "";
    while (this.#at < this.#source.length) {
      if (this.#source[this.#at] === closing) {
        this.#at++;
        return text;
      }
      text += this.#piece(depth, text);
    }
    if (closing !== null) throw new Unreadable();
    return text;
  }

  /** `before` is the text read so far: a script attaches to its end. */
  #piece(depth: number, before: string): string {
    const character = this.#source[this.#at++] ?? "";
    switch (character) {
      case "\\":
        return this.#command(depth, before);
      case "{":
        return this.#sequence(depth - 1, "}");
      case "^":
      case "_":
        return scripted(character, this.#argument(depth));
      case "}":
        throw new Unreadable();
      case "~":
        return " ";
      case "*":
        return "∗";
      case "-":
        return "−";
      case "'":
        return "′";
      default:
        return character;
    }
  }

  #command(depth: number, before: string): string {
    const name = /^(?:[A-Za-z]+|[^A-Za-z])/.exec(this.#source.slice(this.#at, this.#at + 40))?.[0] ?? "";
    this.#at += name.length;
    if (/[A-Za-z]/.test(name)) this.#skipBlanks();
    const symbol = Object.hasOwn(SYMBOLS, name) ? SYMBOLS[name] : undefined;
    if (symbol !== undefined) return spaced(symbol, name);
    if (FUNCTIONS.has(name))
      return `${/[\p{L}\p{N})]$/u.test(before) ? " " : ""}${name}${this.#startsWord() ? " " : ""}`;
    return this.#built(name, depth);
  }

  #built(name: string, depth: number): string {
    const accent = Object.hasOwn(ACCENTS, name) ? ACCENTS[name] : undefined;
    if (accent !== undefined) return accented(this.#argument(depth), accent);
    switch (name) {
      case "frac":
      case "dfrac":
      case "tfrac":
        return `${grouped(this.#argument(depth))}/${divisor(this.#argument(depth))}`;
      case "binom":
        return `C(${this.#argument(depth)}, ${this.#argument(depth)})`;
      case "sqrt":
        return this.#root(depth);
      case "left":
      case "right":
      case "big":
      case "Big":
      case "bigg":
      case "Bigg":
      case "bigl":
      case "bigr":
        return this.#delimiter(depth);
      case "text":
      case "mathrm":
      case "mathbf":
      case "mathit":
      case "mathsf":
      case "mathcal":
      case "boldsymbol":
      case "operatorname":
      case "textbf":
      case "textit":
      case "boxed":
        return this.#argument(depth);
      case "mathbb":
        return all(this.#argument(depth), DOUBLE_STRUCK) ?? unreadable();
      case "pmod":
        return ` (mod ${this.#argument(depth)})`;
      case "bmod":
        return " mod ";
      case "not":
        return `${this.#argument(depth)}\u0338`;
      default:
        throw new Unreadable();
    }
  }

  #root(depth: number): string {
    this.#skipBlanks();
    const degree = this.#source[this.#at] === "[" ? (this.#at++, this.#sequence(depth - 1, "]")) : "";
    const sign =
      degree === ""
        ? "√"
        : degree === "3"
          ? "∛"
          : degree === "4"
            ? "∜"
            : `${all(degree, SUPERSCRIPTS) ?? unreadable()}√`;
    return `${sign}${grouped(this.#argument(depth))}`;
  }

  /** `\left.` shows nothing. */
  #delimiter(depth: number): string {
    const next = this.#argument(depth);
    return next === "." ? "" : next;
  }

  /** A group, a command with what belongs to it, or one character. */
  #argument(depth: number): string {
    this.#skipBlanks();
    if (this.#at >= this.#source.length || depth === 0) throw new Unreadable();
    return this.#piece(depth - 1, "").trim();
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#source[this.#at] ?? "")) this.#at++;
  }

  #startsWord(): boolean {
    return /[\p{L}\p{N}\\]/u.test(this.#source[this.#at] ?? "");
  }
}

/** Puts spaces around relations and arrows, as in print, but not around letters. */
function spaced(symbol: string, name: string): string {
  return /^[≤≥≠≪≫≈≡∼≃≅∝∈∉∋⊂⊆⊃⊇→⟶←↔⇒⇐⇔↦∣⊥∥∧∨∩∪±∓×·÷∴∵⊨⊢]$/u.test(symbol) && name !== "perp" ? ` ${symbol} ` : symbol;
}

function scripted(mark: "^" | "_", text: string): string {
  if (text === "") return "";
  if (mark === "^" && /^[∘°]$/.test(text)) return "°";
  if (mark === "^" && /^′+$/.test(text)) return text;
  const small = all(text.replaceAll("−", "-"), mark === "^" ? SUPERSCRIPTS : SUBSCRIPTS);
  if (small !== null) return small;
  return /^(?:\p{L}|\p{N}+|∞)$/u.test(text) ? `${mark}${text}` : `${mark}(${text})`;
}

/** Adds brackets if more than one item would be divided or rooted. */
function grouped(text: string): string {
  const one = /^[\p{L}\p{N}\p{M}.⁰¹²³⁴-⁹ⁿ₀-₉∞√′]+$/u.test(text) || /^(?:[\p{L}]+)?\([^()]*\)$/u.test(text);
  return one ? text : `(${text})`;
}

/** Brackets a denominator such as `2a`: `1/2a` would be read as half of a. */
function divisor(text: string): string {
  return /^(?:[\d.]+|[Δ∂d]?\p{L}[′⁰¹²³⁴-⁹ⁿ₀-₉]*)$/u.test(text) ? text : `(${text})`;
}

function accented(text: string, accent: string): string {
  return Array.from(text).length === 1 ? `${text}${accent}` : unreadable();
}

function all(text: string, characters: ReadonlyMap<string, string>): string | null {
  const out = Array.from(text).map((character) => characters.get(character));
  return out.every((character) => character !== undefined) ? out.join("") : null;
}

function unreadable(): never {
  throw new Unreadable();
}
