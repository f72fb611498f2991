/** A text that comes in pieces and ends before the first of the caller's stop texts. */
import { heldBack, stopAt } from "../jobs/stop-strings.ts";

export class StoppedText {
  readonly #stops: readonly string[];
  /** May be the beginning of a stop text. */
  #held = "";
  #isStopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** What may leave now. */
  push(text: string): string {
    if (this.#isStopped) return "";
    const all = this.#held + text;
    const at = stopAt(all, this.#stops);
    this.#isStopped = at >= 0;
    const end = at >= 0 ? at : all.length - heldBack(all, this.#stops);
    this.#held = this.#isStopped ? "" : all.slice(end);
    return all.slice(0, end);
  }

  /** The rest, once no more comes. */
  release(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}
