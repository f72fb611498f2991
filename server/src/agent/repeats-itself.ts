/** Detects endless repetition: small models at temperature 0 may repeat a few words up to the limit, for minutes. */

/** Longer than a table's separator line or a requested line of dashes. */
const TAIL_CHARS = 240;
const PERIOD_MAX = 40;
/** Characters between two checks. */
const STRIDE = 40;

export class RepetitionWatch {
  #tail = "";
  #unseen = 0;

  /** True once the end of the text so far is repetitions of one piece of at most 40 characters. */
  push(text: string): boolean {
    this.#tail = (this.#tail + text).slice(-TAIL_CHARS);
    this.#unseen += text.length;
    if (this.#unseen < STRIDE || this.#tail.length < TAIL_CHARS) return false;
    this.#unseen = 0;
    return repeats(this.#tail);
  }
}

function repeats(tail: string): boolean {
  for (let period = 1; period <= PERIOD_MAX; period++)
    if (tail.startsWith(tail.slice(period)) && /[\p{L}\p{N}]/u.test(tail)) return true;
  return false;
}
