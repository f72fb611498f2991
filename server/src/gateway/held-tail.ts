/**
 * Keeps the last character of a JSON text back until the whole is validated: whoever parses what has left so far
 * cannot take an unchecked answer for a finished one.
 */
export class HeldTail {
  #held = "";
  #started = false;
  /** A bare number or word would parse at every length, so all of it waits. */
  #holdAll = false;

  /** What may leave now. */
  push(text: string): string {
    if (text === "") return "";
    if (!this.#started) {
      this.#started = true;
      this.#holdAll = !/^[{["]/.test(text);
    }
    const all = this.#held + text;
    const keep = this.#holdAll ? all.length : lastCharacterLength(all);
    this.#held = all.slice(all.length - keep);
    return all.slice(0, all.length - keep);
  }

  /** The rest, once it is known to be good (or known to be cut off, and said so). */
  release(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Two where the text ends in a surrogate pair. */
function lastCharacterLength(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xdc00 && last <= 0xdfff ? 2 : 1;
}
