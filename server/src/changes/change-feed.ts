/**
 * Emits hints that something changed to the readers of a name (`person:<id>`, `bot`). It lives in this process and may
 * lose hints: a reader first gets the hint to load everything, and gets it again when it falls behind.
 */

import type { Hint } from "@starai/protocol/changes";
import { Signal } from "@starai/protocol/signal";

/** Hints a slow reader may leave unread; beyond it a single "all" replaces them. */
const PENDING_MAX = 100;
/** Most readers of one name: a person's open windows. The oldest is closed; its client reconnects when it is shown. */
const READERS_MAX = 16;

export class ChangeFeed {
  readonly #readers = new Map<string, Set<Reader>>();

  emit(to: string, hint: Hint): void {
    for (const reader of this.#readers.get(to) ?? []) reader.put(hint);
  }

  /** Subscribes to hints from now on; the first is `{ type: "all" }`. `close` ends the subscription at once. */
  follow(to: string): ChangeReader {
    const readers = this.#readers.get(to) ?? new Set();
    this.#readers.set(to, readers);
    const reader = new Reader(() => {
      readers.delete(reader);
      if (readers.size === 0 && this.#readers.get(to) === readers) this.#readers.delete(to);
    });
    readers.add(reader);
    for (const oldest of readers) if (readers.size > READERS_MAX) oldest.close();
    return reader;
  }
}

export interface ChangeReader extends AsyncIterableIterator<Hint> {
  close(): void;
}

class Reader implements ChangeReader {
  /** Keyed by content, so that a pending hint is not queued twice. */
  readonly #pending = new Map<string, Hint>([["all", { type: "all" }]]);
  readonly #onClose: () => void;
  #closed = false;
  readonly #changed = new Signal();

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  put(hint: Hint): void {
    if (this.#pending.has("all")) return;
    this.#pending.set(JSON.stringify(hint), hint);
    if (this.#pending.size > PENDING_MAX) {
      this.#pending.clear();
      this.#pending.set("all", { type: "all" });
    }
    this.#changed.happen();
  }

  close(): void {
    this.#closed = true;
    this.#onClose();
    this.#changed.happen();
  }

  async next(): Promise<IteratorResult<Hint>> {
    while (this.#pending.size === 0 && !this.#closed) await this.#changed.next;
    const [first] = this.#pending;
    if (this.#closed || first === undefined) return { done: true, value: undefined };
    this.#pending.delete(first[0]);
    return { done: false, value: first[1] };
  }

  async return(): Promise<IteratorResult<Hint>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
