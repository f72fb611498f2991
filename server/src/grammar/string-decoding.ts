/** Decodes one JSON string character by character; an escape is decoded at its last character. */

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

export class StringDecoding {
  /** The unfinished escape with its backslash; empty outside escapes. */
  #escape = "";
  #closed = false;

  /** Whether the closing quote was read. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Returns the decoded text that the character adds, which may be empty, or null if it is not valid here. */
  read(char: string): string | null {
    if (this.#escape !== "") return this.#readEscape(char);
    if (char === "\\") {
      this.#escape = char;
      return "";
    }
    if (char === '"') {
      this.#closed = true;
      return "";
    }
    return char < " " ? null : char;
  }

  #readEscape(char: string): string | null {
    if (this.#escape === "\\" && char !== "u") {
      this.#escape = "";
      return ESCAPES[char] ?? null;
    }
    if (this.#escape !== "\\" && !/[0-9a-fA-F]/.test(char)) return null;
    this.#escape += char;
    if (this.#escape.length < 6) return "";
    const decoded = String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16));
    this.#escape = "";
    return decoded;
  }
}
