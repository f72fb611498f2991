/**
 * The health of this server. `/healthz` reports it, new work is admitted by it, and code that catches a fault of the
 * database reports it here, so that an outage is two lines in the log instead of one for every statement.
 */
import { databaseFault } from "./db/database-fault.ts";
import type { Events } from "./events/events.ts";
import { DATABASE_AWAY, DISK_FULL, databaseRefusal } from "./errors.ts";

export class Health {
  readonly #events: Events;
  #awaySince: number | null = null;
  #full = false;
  /** Set once, when the server begins to close. */
  stopping = false;
  /** Called when a statement failed as if the database were away: the database's watcher should check it now. */
  onDoubt: () => void = () => {};

  constructor(events: Events) {
    this.#events = events;
  }

  get database(): "ok" | "away" {
    return this.#awaySince === null ? "ok" : "away";
  }

  get storage(): "ok" | "full" {
    return this.#full ? "full" : "ok";
  }

  get status(): "ok" | "degraded" | "stopping" {
    if (this.stopping) return "stopping";
    return this.#awaySince !== null || this.#full ? "degraded" : "ok";
  }

  /** The fault and its consequence; null when nothing is wrong. */
  get message(): string | null {
    if (this.stopping) return "The server is stopping; unfinished answers go on with the next one.";
    if (this.#awaySince !== null) return DATABASE_AWAY;
    return this.#full ? DISK_FULL : null;
  }

  databaseIs(state: "ok" | "away"): void {
    if (state === this.database) return;
    if (state === "away") {
      this.#awaySince = performance.now();
      this.#events.databaseWentAway();
      return;
    }
    const awayMs = Math.round(performance.now() - (this.#awaySince ?? 0));
    this.#awaySince = null;
    this.#events.databaseCameBack(awayMs);
  }

  storageIs(state: "ok" | "full"): void {
    if (state === this.storage) return;
    this.#full = state === "full";
    if (this.#full) this.#events.storageFilled();
    else this.#events.storageFreed();
  }

  /** True when the fault was the database's own. Its outage is logged here, so that the caller need not. */
  noticed(error: unknown): boolean {
    const fault = databaseFault(error);
    if (fault === null) return false;
    this.#events.log.debug({ err: error }, "a statement failed because of the database's state");
    if (fault === "full") this.storageIs("full");
    else if (this.#awaySince === null) this.onDoubt();
    return true;
  }

  /**
   * Call before new work is accepted. Running work goes on: it needs little, and its end frees people from waiting.
   * @throws {Refusal} interrupted
   */
  admit(): void {
    if (this.#awaySince !== null) throw databaseRefusal("away");
    if (this.#full) throw databaseRefusal("full");
  }
}
