/**
 * Counts an answer's tokens for its bill, from what the server itself knows: ids that it decoded (that they are the
 * usual ones for the text is the worker's word), else bytes. Everything
 * else is a worker's word, such as ids that no vocabulary could confirm.
 *
 * Bytes are summed over all attempts before they are divided, so that text in many small frames, or over many attempts,
 * counts no more than the same text at once.
 */
import { tokensWithoutIds } from "../prices/tokens.ts";

export interface CountedText {
  readonly tokens: readonly number[] | null;
  readonly text: string;
  /** Whether the vocabulary confirmed that the ids say the text. */
  readonly verified: boolean;
}

export class AnswerCount {
  readonly #most: number;
  /** Confirmed ids, and what a restart found in the row. */
  #known: number;
  #bytes = 0;
  /** Frames without ids, and ids that were not confirmed. */
  #pieces = 0;

  /** @param most  tokens asked for: a bill is never for more */
  constructor(known: number, most: number) {
    this.#known = known;
    this.#most = most;
  }

  get total(): number {
    return Math.min(this.#most, this.#known + tokensWithoutIds({ bytes: this.#bytes, frames: this.#pieces }));
  }

  /**
   * Adds text that came in this many frames, and returns by how much the total rises.
   * @param kept  the part that is delivered where a stop string cuts the text: of its tokens only as many count as those
   *   bytes may be, since what follows a stop string is nobody's answer
   */
  add({ tokens, text, verified }: CountedText, frames: number, kept = text): number {
    const before = this.total;
    const bytes = Buffer.byteLength(kept);
    if (tokens && verified)
      this.#known += kept === text ? tokens.length : tokensWithoutIds({ bytes, frames: tokens.length });
    else {
      this.#bytes += bytes;
      this.#pieces += tokens?.length ?? frames;
    }
    return this.total - before;
  }
}
