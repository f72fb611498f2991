/** Small models at temperature 0 now and then repeat a few words until their room is full, for minutes on a slow machine. */

/** Longer than a rule under a table or a line of signs that somebody asked for. */
const TAIL_CHARS = 240;
const PERIOD_MAX = 40;
/** Characters between two looks. */
const STRIDE = 40;

export class RepetitionWatch {
  #tail = "";
  #unseen = 0;

  /** True once the end of the text so far is one piece, of up to 40 characters, over and over. */
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
