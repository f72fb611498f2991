/**
 * Holds back the last character of a JSON text until the whole is validated, so that a client parsing the partial text
 * cannot mistake an unchecked answer for a finished one.
 */
export class HeldTail {
  #held = "";
  #started = false;
  /** The beginning of a number can be a number too (1 of 12), so a value without brackets or quotes is held back whole. */
  #holdAll = false;

  /** Returns the text that can be sent now. */
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

  /** Returns the rest after validation, or after the answer is reported as cut off. */
  release(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Length of the last character in UTF-16 units. */
function lastCharacterLength(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xdc00 && last <= 0xdfff ? 2 : 1;
}
