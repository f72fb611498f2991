/**
 * Removes an echoed beginning from a stream. Some engines, asked to continue a given beginning of the answer,
 * send that beginning again; it must not be delivered twice.
 */
export class EchoFilter {
  #expected: string;
  #held = "";

  /** `beginning` is the text that may be echoed; empty if the engine is known not to echo. */
  constructor(beginning: string) {
    this.#expected = beginning;
  }

  /** Returns the part of `text` that is new. */
  push(text: string): string {
    if (this.#expected === "") return text;
    this.#held += text;
    if (this.#held.startsWith(this.#expected)) {
      this.#held = this.#held.slice(this.#expected.length);
      return this.end();
    }
    if (this.#expected.startsWith(this.#held)) return "";
    // The text diverged from the beginning, so it is not an echo.
    return this.end();
  }

  /** Returns the text held back when the stream ended. */
  end(): string {
    const held = this.#held;
    this.#expected = "";
    this.#held = "";
    return held;
  }
}
