/**
 * Watches whether the engine behind a URL answers: checked periodically, and at once when a job failed. One miss may be
 * transient; after two in a row (a failed job counts), the model is withdrawn from the pool until the engine
 * answers again, so that no job waits for an engine that is gone.
 */
import type { Logger } from "pino";

const LOOK_EVERY_MS = 15_000;
const MISSES_MAX = 2;
/** Check interval while the engine is away: short at first, because a restart takes seconds, then longer. */
const AWAY_MS = { first: 1_000, max: 30_000 };

export interface UrlWatchOptions {
  /** Rejects when the engine does not answer or no longer has the model; the error says which. */
  look: (signal: AbortSignal) => Promise<unknown>;
  /** `serving` has changed. */
  onServing: () => void;
  logger: Pick<Logger, "error" | "info">;
}

export class UrlWatch {
  readonly #options: UrlWatchOptions;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #misses = 0;
  #serving = true;

  constructor(options: UrlWatchOptions) {
    this.#options = options;
    this.#lookIn(LOOK_EVERY_MS);
  }

  get serving(): boolean {
    return this.#serving;
  }

  /** Records that a job succeeded, so the engine is there. */
  worked(): void {
    this.#misses = 0;
  }

  failed(): void {
    this.#misses++;
    void this.#look();
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closing.signal.aborted) return;
    this.#looking = true;
    const fault = await this.#options.look(this.#closing.signal).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    this.#looking = false;
    if (this.#closing.signal.aborted) return;
    this.#misses = fault === null ? 0 : this.#misses + 1;
    this.#setServing(this.#misses < MISSES_MAX, fault);
    this.#lookIn(this.#serving ? LOOK_EVERY_MS : this.#awayMs());
  }

  #awayMs(): number {
    return Math.min(AWAY_MS.max, AWAY_MS.first * 2 ** (this.#misses - MISSES_MAX));
  }

  #setServing(serving: boolean, fault: string | null): void {
    // A withdrawn model is offered again only after a successful check, however many jobs succeeded meanwhile.
    const next = this.#serving ? serving : fault === null;
    if (next === this.#serving) return;
    this.#serving = next;
    const { logger, onServing } = this.#options;
    if (next) logger.info("the engine answers again; its model is offered to the pool again");
    else logger.error({ why: fault }, "the engine does not answer; its model is withdrawn from the pool until it does");
    onServing();
  }
}
