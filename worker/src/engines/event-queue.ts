/**
 * A queue between a producer that pushes events and a consumer that iterates over them.
 * The producer bounds its length: a job makes at most `maxTokens` events.
 */
import { Signal } from "@starai/protocol/signal";

export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #closed = false;
  #error: Error | null = null;
  readonly #changed = new Signal();

  push(event: T): void {
    if (this.#closed) return;
    this.#events.push(event);
    this.#changed.happen();
  }

  /** Ends the iteration after the queued events; with `error`, by throwing it. */
  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error ?? null;
    this.#changed.happen();
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
        await this.#changed.next;
      }
    }
  }
}
