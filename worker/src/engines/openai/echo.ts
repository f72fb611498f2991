/**
 * Takes an echoed beginning off a stream. Some engines, asked to go on after a given beginning of the answer,
 * send that beginning again; what was delivered once must not be delivered twice.
 */
export class EchoFilter {
  #expected: string;
  #held = "";

  /** `beginning` is what may come again; empty where the engine is known not to echo. */
  constructor(beginning: string) {
    this.#expected = beginning;
  }

  /** The part of `text` that is new. */
  push(text: string): string {
    if (this.#expected === "") return text;
    this.#held += text;
    if (this.#held.startsWith(this.#expected)) {
      this.#held = this.#held.slice(this.#expected.length);
      return this.end();
    }
    if (this.#expected.startsWith(this.#held)) return "";
    // It began alike and went another way: it was no echo.
    return this.end();
  }

  /** What was held back when the stream ended. */
  end(): string {
    const held = this.#held;
    this.#expected = "";
    this.#held = "";
    return held;
  }
}
