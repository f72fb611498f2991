/**
 * Tracks which questions of a private chat were followed by another message or had to wait: their answers quote
 * them, since the order alone does not show what is answered. Covers only messages that this process received.
 */

/** Chats and questions remembered: more than are in progress at once. */
const KEPT_MAX = 10_000;

export class Crossings {
  readonly #latest = new Map<string, number>();
  readonly #waited = new Set<string>();

  arrived({ chat, message, waits }: { chat: string; message: number; waits: boolean }): void {
    this.#latest.delete(chat);
    this.#latest.set(chat, message);
    if (waits) this.#waited.add(`${chat}/${message}`);
    dropOldest(this.#latest);
    dropOldest(this.#waited);
  }

  isCrossed(chat: string, message: number): boolean {
    return (this.#latest.get(chat) ?? message) !== message || this.#waited.has(`${chat}/${message}`);
  }
}

function dropOldest(kept: { size: number; keys(): Iterable<string>; delete(key: string): boolean }): void {
  if (kept.size > KEPT_MAX) for (const oldest of kept.keys()) return void kept.delete(oldest);
}
