/** Pre-checkout queries that wait for the bot's answer: each accepts one, within Telegram's ten seconds. */
import { randomInt } from "node:crypto";
import { TelegramError } from "../telegram-error.ts";

/** "The Bot API must receive an answer within 10 seconds after the pre-checkout query was sent." */
export const ANSWER_LIMIT_MS = 10_000;

export type Verdict =
  | { kind: "approved" }
  /** `reason` is the bot's own sentence. */
  | { kind: "refused"; reason: string }
  | { kind: "unanswered" };

interface Waiting {
  at: number;
  settle(verdict: Verdict): void;
}

export class Checkouts {
  readonly #waiting = new Map<string, Waiting>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Opens a query. Its verdict is the bot's, or `unanswered` once the limit is over. */
  open(): { id: string; verdict: Promise<Verdict> } {
    const id = `${this.#clock()}${randomInt(100_000, 1_000_000)}`;
    const verdict = new Promise<Verdict>((settle) => this.#waiting.set(id, { at: this.#clock(), settle }));
    return { id, verdict };
  }

  /** Gives the bot's verdict. @throws Telegram's 400 for an unknown, answered or late query */
  answer(id: string, verdict: Verdict): void {
    this.settleLate();
    const waiting = this.#waiting.get(id);
    if (!waiting)
      throw TelegramError.badRequest("query is too old and response timeout expired or query ID is invalid");
    this.#waiting.delete(id);
    waiting.settle(verdict);
  }

  /** Ends the queries whose time is over by the clock. */
  settleLate(): void {
    for (const [id, waiting] of this.#waiting) if (this.#clock() - waiting.at >= ANSWER_LIMIT_MS) this.#end(id);
  }

  /** Ends every query as unanswered. */
  close(): void {
    for (const id of this.#waiting.keys()) this.#end(id);
  }

  #end(id: string): void {
    this.#waiting.get(id)?.settle({ kind: "unanswered" });
    this.#waiting.delete(id);
  }
}
