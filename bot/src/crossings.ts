/**
 * Which questions of a private chat something else was said after, or before their turn came: their answers quote
 * them, since it is not clear from the order alone what is answered. Known of this process's messages only.
 */

/** Chats and questions remembered: more than are in work at once. */
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
