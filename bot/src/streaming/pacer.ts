/**
 * Shows the newest state of something that changes faster than it may be sent.
 *
 * Between two sends, changes are only remembered; an unchanged state is not sent again, except after
 * `keepAliveMs` if the receiver forgets it. A 429 pauses until its time is over; changes meanwhile are not queued,
 * the newest state is sent then. Sends never overlap.
 */
import { GrammyError } from "grammy";
import type { Logger } from "pino";

export interface Pace {
  /** Shortest time between two sends, ms. */
  readonly everyMs: number;
  /** Time after which an unchanged state is sent again, ms; `null` if a sent state stays. */
  readonly keepAliveMs: number | null;
}

/** Failures in a row after which the preview is given up; the final answer is sent separately. */
const FAILURES_MAX = 4;

export class Pacer {
  readonly #pace: Pace;
  readonly #send: (content: string) => Promise<void>;
  readonly #log: Logger;
  #wanted: string | null = null;
  #shown: string | null = null;
  #nextAt = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #ended = false;

  constructor(pace: Pace, send: (content: string) => Promise<void>, log: Logger) {
    this.#pace = pace;
    this.#send = send;
    this.#log = log;
  }

  show(content: string): void {
    this.#wanted = content;
    this.#plan();
  }

  /** Stops sending; resolves when the send in progress has ended. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#ended || this.#sending !== null || this.#wanted === null) return;
    const { keepAliveMs } = this.#pace;
    const unchanged = this.#wanted === this.#shown;
    if (unchanged && keepAliveMs === null) return;
    const idle = unchanged && keepAliveMs !== null ? keepAliveMs - this.#pace.everyMs : 0;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, this.#nextAt + idle - performance.now()));
  }

  #fire(): void {
    const content = this.#wanted;
    if (content === null || this.#ended) return;
    this.#sending = this.#attempt(content).finally(() => {
      this.#sending = null;
      this.#plan();
    });
  }

  async #attempt(content: string): Promise<void> {
    try {
      await this.#send(content);
      this.#shown = content;
      this.#failures = 0;
      this.#nextAt = performance.now() + this.#pace.everyMs;
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const retryAfterS = error instanceof GrammyError ? error.parameters.retry_after : undefined;
    if (retryAfterS !== undefined) {
      this.#nextAt = performance.now() + retryAfterS * 1_000;
      return;
    }
    const blocked = error instanceof GrammyError && error.error_code === 403;
    this.#failures++;
    this.#nextAt = performance.now() + this.#pace.everyMs * 2 ** this.#failures;
    if (!blocked && this.#failures < FAILURES_MAX) return;
    this.#ended = true;
    this.#log.info({ err: error }, "the preview of an answer is given up; the answer itself follows at the end");
  }
}
