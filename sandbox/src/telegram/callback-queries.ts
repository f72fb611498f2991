/** Callback queries of tapped inline buttons that wait for an answer: each accepts one, and only while it is fresh. */
import { randomInt } from "node:crypto";
import { TelegramError } from "./telegram-error.ts";

/** A query's lifetime. Telegram's own limit is not published; bots that answer within a minute are safe. */
const FRESH_MS = 60_000;
const KEPT_MAX = 1_000;

interface Query {
  user: number;
  chat: number;
  at: number;
}

export class CallbackQueries {
  readonly #open = new Map<string, Query>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  open(user: number, chat: number): string {
    const id = `${this.#clock()}${randomInt(100_000, 1_000_000)}`;
    this.#open.set(id, { user, chat, at: this.#clock() });
    const [oldest] = this.#open.keys();
    if (this.#open.size > KEPT_MAX && oldest !== undefined) this.#open.delete(oldest);
    return id;
  }

  /** Closes the query. @throws Telegram's 400 for an unknown, answered or old query */
  answer(id: string): Query {
    const query = this.#open.get(id);
    this.#open.delete(id);
    if (!query || this.#clock() - query.at > FRESH_MS)
      throw TelegramError.badRequest("query is too old and response timeout expired or query ID is invalid");
    return query;
  }
}
