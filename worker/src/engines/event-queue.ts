/**
 * A queue between a producer that is told of events and a consumer that iterates over them.
 * Its length is bounded by its producer: a job makes at most `maxTokens` events.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #closed = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  push(event: T): void {
    if (this.#closed) return;
    this.#events.push(event);
    this.#wake?.();
  }

  /** Ends the iteration after what is queued; with `error`, by throwing it. */
  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error ?? null;
    this.#wake?.();
  }

  get closed(): boolean {
    return this.#closed;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (true) {
      const event = this.#events.shift();
      if (event !== undefined) {
        yield event;
      } else if (this.#closed) {
        if (this.#error) throw this.#error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    }
  }
}
