/** The updates being handled now, and room for more. */
import type { Update } from "grammy/types";

/** Most updates at once: a waiting answer costs a few kilobytes, and Stop and taps need room beside them. */
export const UPDATES_AT_ONCE_MAX = 1_000;

export class Work {
  readonly #handle: (update: Update) => Promise<void>;
  readonly #now = new Set<Promise<void>>();

  constructor(handle: (update: Update) => Promise<void>) {
    this.#handle = handle;
  }

  get isFull(): boolean {
    return this.#now.size >= UPDATES_AT_ONCE_MAX;
  }

  on(update: Update): Promise<void> {
    const work = this.#handle(update).finally(() => this.#now.delete(work));
    this.#now.add(work);
    return work;
  }

  /** Resolves when there is room for one more. */
  async room(): Promise<void> {
    while (this.isFull) await Promise.race(this.#now);
  }

  async done(): Promise<void> {
    await Promise.allSettled(this.#now);
  }
}
