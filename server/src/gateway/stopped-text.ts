/** Cuts a streamed text before the first of the caller's stop texts. */
import { heldBack, stopAt } from "../jobs/stop-strings.ts";

export class StoppedText {
  readonly #stops: readonly string[];
  /** The end of the text so far, held back because it may be the beginning of a stop text. */
  #held = "";
  #isStopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Returns the text that can be sent now. */
  push(text: string): string {
    if (this.#isStopped) return "";
    const all = this.#held + text;
    const at = stopAt(all, this.#stops);
    this.#isStopped = at >= 0;
    const end = at >= 0 ? at : all.length - heldBack(all, this.#stops);
    this.#held = this.#isStopped ? "" : all.slice(end);
    return all.slice(0, end);
  }

  /** Returns the held text after the last push. */
  release(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}
