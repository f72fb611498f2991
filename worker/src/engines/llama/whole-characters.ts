/** Turns token ids into text without cutting a character: the bytes of an incomplete one wait for the rest. */

export type Decode = (tokens: readonly number[], before: readonly number[]) => string;

/** An incomplete or invalid byte sequence decodes to this. */
const REPLACEMENT = "\uFFFD";
/** A character is at most 4 bytes, so at most 4 byte tokens; more than 8 waiting means invalid bytes. */
const WAITING_MAX = 8;
const CHARACTER_TOKENS_MAX = 4;
/** Some tokenisers choose a word's leading space by what came before; a few tokens are enough to know. */
const CONTEXT_TOKENS = 8;

export class WholeCharacters {
  readonly #decode: Decode;
  /** The last tokens already turned into text. */
  #before: number[];
  /** Tokens whose text is still incomplete. The first `#known` of them were delivered by an earlier attempt. */
  #waiting: number[];
  #known: number;

  /** `committed` are the ids delivered before; they may end inside a character. */
  constructor(decode: Decode, committed: readonly number[] = []) {
    this.#decode = decode;
    let cut = committed.length;
    const floor = Math.max(0, committed.length - CHARACTER_TOKENS_MAX);
    const context = () => committed.slice(Math.max(0, cut - CONTEXT_TOKENS), cut);
    while (cut > floor && decode(context(), []).endsWith(REPLACEMENT)) cut--;
    // Invalid bytes at the end of the committed text stay as they were delivered.
    if (decode(context(), []).endsWith(REPLACEMENT)) cut = committed.length;
    this.#before = context();
    this.#waiting = committed.slice(cut);
    this.#known = this.#waiting.length;
  }

  /** Whether the tokens so far end inside a character. */
  get isInside(): boolean {
    return this.#waiting.length > 0;
  }

  /** Adds a token; returns the tokens that now make whole text, or `null` while a character is incomplete. */
  push(token: number): { tokens: number[]; text: string } | null {
    this.#waiting.push(token);
    const text = this.#decode(this.#waiting, this.#before);
    if (!text.endsWith(REPLACEMENT)) return this.#take(this.#waiting.length, text);
    if (this.#waiting.length <= WAITING_MAX) return null;
    return this.#takeBroken(text);
  }

  /** Emits the oldest invalid bytes if cutting there does not change the decoded text. */
  #takeBroken(whole: string): { tokens: number[]; text: string } | null {
    for (let size = this.#waiting.length - CHARACTER_TOKENS_MAX; size > 0; size--) {
      const head = this.#decode(this.#waiting.slice(0, size), this.#before);
      const tail = this.#decode(this.#waiting.slice(size), [...this.#before, ...this.#waiting.slice(0, size)]);
      if (head + tail === whole) return this.#take(size, head);
    }
    return null;
  }

  #take(size: number, text: string): { tokens: number[]; text: string } {
    const taken = this.#waiting.slice(0, size);
    const tokens = taken.slice(this.#known);
    this.#known = Math.max(0, this.#known - size);
    this.#waiting = this.#waiting.slice(size);
    this.#before = [...this.#before, ...taken].slice(-CONTEXT_TOKENS);
    return { tokens, text };
  }
}
