/** How often something is asked again: often while it changes, and the rarer the longer it has not. */
const EVERY_MS = { first: 5_000, most: 15_000 } as const;

export class Pace {
  #last = "";
  #changedAt = 0;

  /** Milliseconds until it is asked again: as long as it has been the same. @param answeredAt  when this answer came, ms */
  next(answer: unknown, answeredAt: number): number {
    const text = JSON.stringify(answer) ?? "";
    if (text !== this.#last) {
      this.#last = text;
      this.#changedAt = answeredAt;
    }
    return Math.min(EVERY_MS.most, Math.max(EVERY_MS.first, answeredAt - this.#changedAt));
  }
}
