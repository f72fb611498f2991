/**
 * Drafts: answers shown while they are being written. A chat has at most one; it disappears 30 s after its last change
 * or when the bot sends a message. Pressing Stop ends it, and later updates of a stopped draft are accepted but not
 * shown.
 */
import type { EventFeed } from "./event-feed.ts";
import type { DraftView } from "./views.ts";

const LIFETIME_MS = 30_000;

interface Live {
  draft: DraftView;
  keepOnStop: boolean;
  timer: NodeJS.Timeout;
}

export class Drafts {
  readonly #feed: EventFeed;
  readonly #live = new Map<number, Live>();
  /** The last stopped draft's id, by chat. */
  readonly #stopped = new Map<number, number>();

  constructor(feed: EventFeed) {
    this.#feed = feed;
  }

  show(chat: number, draft: DraftView, keepOnStop: boolean): void {
    if (this.#stopped.get(chat) === draft.id) return;
    clearTimeout(this.#live.get(chat)?.timer);
    const timer = setTimeout(() => this.clear(chat), LIFETIME_MS);
    timer.unref();
    this.#live.set(chat, { draft, keepOnStop, timer });
    this.#feed.emit({ type: "draft", chat, draft });
  }

  get(chat: number): DraftView | null {
    return this.#live.get(chat)?.draft ?? null;
  }

  clear(chat: number): void {
    const live = this.#live.get(chat);
    if (!live) return;
    clearTimeout(live.timer);
    this.#live.delete(chat);
    this.#feed.emit({ type: "draft", chat, draft: null });
  }

  /** Stops the chat's draft. Returns its id, or null when there is none with a Stop button. */
  stop(chat: number): number | null {
    const live = this.#live.get(chat);
    if (!live?.draft.canStop) return null;
    this.#stopped.set(chat, live.draft.id);
    if (live.keepOnStop) {
      live.draft = { ...live.draft, canStop: false };
      this.#feed.emit({ type: "draft", chat, draft: live.draft });
    } else this.clear(chat);
    return live.draft.id;
  }

  close(): void {
    for (const { timer } of this.#live.values()) clearTimeout(timer);
    this.#live.clear();
  }
}
