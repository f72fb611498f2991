/** Events of the simulated Telegram for its listeners: the page's event stream. */
import type { DraftView, MessageView } from "./views.ts";
import type { ChatKeyboard } from "./world.ts";

export interface ApiCall {
  readonly id: number;
  readonly method: string;
  /** Unix milliseconds at the call's end. */
  readonly at: number;
  readonly ms: number;
  /** Telegram's error message, or null when the call succeeded. */
  readonly error: string | null;
  readonly chat: number | null;
  /** The call's parameters as JSON, truncated. */
  readonly parameters: string;
}

export type FeedEvent =
  | { type: "message"; chat: number; message: MessageView }
  | { type: "edit"; chat: number; message: MessageView }
  | { type: "delete"; chat: number; message: number }
  | { type: "draft"; chat: number; draft: DraftView | null }
  | { type: "action"; chat: number; action: string }
  | { type: "callback"; chat: number; user: number; text: string; alert: boolean; url: string | null }
  | { type: "keyboard"; chat: number; keyboard: ChatKeyboard | null }
  | { type: "bot" }
  | { type: "users" }
  /** A person's balance or subscriptions have changed. */
  | { type: "stars"; user: number }
  | { type: "call"; call: ApiCall }
  | { type: "notice"; notice: Notice };

/** State of the model on its way to serving, shown above the chat. */
export type Notice =
  | { kind: "none" }
  | { kind: "downloading"; model: string; done: number }
  | { kind: "loading" | "measuring" | "connecting"; model: string }
  /** `reason` explains why, and what to do. */
  | { kind: "no-model"; reason: string };

/** Calls kept for pages that open later. */
const CALLS_KEPT = 200;

export class EventFeed {
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly calls: ApiCall[] = [];
  notice: Notice = { kind: "none" };
  #lastCallId = 0;

  nextCallId(): number {
    return ++this.#lastCallId;
  }

  emit(event: FeedEvent): void {
    if (event.type === "call") {
      this.calls.push(event.call);
      if (this.calls.length > CALLS_KEPT) this.calls.shift();
    }
    if (event.type === "notice") this.notice = event.notice;
    for (const listener of this.#listeners) listener(event);
  }

  /** Subscribes. Returns a function that unsubscribes. */
  listen(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
