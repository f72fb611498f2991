/**
 * One server works on a database: each server resumes live jobs and runs from their rows at its start, and two servers
 * would take them from each other. So a server holds a lock in the database for as long as it lives; a second
 * one waits for it, which makes a rolling restart hand over cleanly.
 *
 * The lock lives as long as its connection. That connection is asked every second whether the database is there; when
 * it breaks it is opened again and the lock taken again. A server that finds it held by another one has lost it.
 */
import { randomBytes } from "node:crypto";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolConfig } from "pg";
import type { Logger } from "pino";
import type { Health } from "../health.ts";
import { LockConnection } from "./lock-connection.ts";
import type { LockHolder } from "./lock-connection.ts";

/** How often a waiting server asks for the lock: a handover takes this much longer than it must. */
const ASK_MS = 250;
const PING_MS = 1_000;
const REOPEN_FIRST_MS = 50;
const REOPEN_MAX_MS = 1_000;

export interface LockOptions {
  readonly connection: PoolConfig;
  readonly waitMs: number;
  readonly log: Logger;
}

export class DatabaseLock implements AsyncDisposable {
  readonly #request: LockRequest;
  #held: LockConnection;
  #keeping: Promise<void> = Promise.resolve();
  #closing = false;
  #wake: () => void = () => {};

  private constructor(request: LockRequest, held: LockConnection) {
    this.#request = request;
    this.#held = held;
  }

  /** @throws when the database cannot be reached, or another server holds the lock for longer than `waitMs` */
  static async take({ connection, waitMs, log }: LockOptions): Promise<DatabaseLock> {
    const name = `starai ${os.hostname().slice(0, 30)}:${process.pid} ${randomBytes(4).toString("hex")}`;
    const request = { connection, name };
    const giveUpAt = performance.now() + waitMs;
    // The first try throws, so that a wrong address or password shows at once. Later the database may restart.
    let answer = await askForLock(request);
    if (answer instanceof LockConnection) return new DatabaseLock(request, answer);
    log.warn({ holder: answer, waitMs }, "another server works on this database; waiting for it to stop");
    while (performance.now() < giveUpAt) {
      await sleep(ASK_MS);
      answer = await askForLock(request).catch(() => null);
      if (answer instanceof LockConnection) return new DatabaseLock(request, answer);
    }
    throw new Error(notReleasedMessage(answer, waitMs));
  }

  /** Reports to `health` whether the database is there, and calls `lost` once when another server has the lock. */
  keep(health: Health, lost: (why: Error) => void): void {
    health.onDoubt = () => this.#wake();
    this.#keeping = this.#keep(health, lost);
  }

  /** Releases the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#keeping;
    await this.#held.close();
  }

  async #keep(health: Health, lost: (why: Error) => void): Promise<void> {
    for (;;) {
      await this.#untilBroken();
      if (this.#closing) return;
      health.databaseIs("away");
      const answer = await this.#reopen();
      if (answer === null) return;
      if (!(answer instanceof LockConnection)) return lost(new Error(lostMessage(answer)));
      this.#held = answer;
      health.databaseIs("ok");
    }
  }

  async #untilBroken(): Promise<void> {
    this.#held.onGone = () => this.#wake();
    do await this.#pause(PING_MS);
    while (!this.#closing && (await this.#held.answers()));
    if (!this.#closing) await this.#held.close();
  }

  /** Acquires the lock again, or returns its present holder; null when this server closes meanwhile. */
  async #reopen(): Promise<LockConnection | LockHolder | null> {
    for (let pauseMs = REOPEN_FIRST_MS; !this.#closing; pauseMs = Math.min(2 * pauseMs, REOPEN_MAX_MS)) {
      const answer = await askForLock(this.#request).catch(() => null);
      if (answer !== null) return answer;
      await this.#pause(pauseMs);
    }
    return null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

interface LockRequest {
  readonly connection: PoolConfig;
  readonly name: string;
}

/** A connection that has acquired the lock, else its holder; null when the holder changes at this very moment. */
async function askForLock({ connection, name }: LockRequest): Promise<LockConnection | LockHolder | null> {
  const opened = await LockConnection.open(connection, name);
  try {
    if (await opened.tryLock()) return opened;
    const holder = await opened.holder();
    // A connection of our own that broke, which the database has not noticed yet.
    if (holder?.name === name) await opened.end(holder.pid);
    await opened.close();
    return holder?.name === name ? null : holder;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function notReleasedMessage(holder: LockHolder | null, waitMs: number): string {
  const who =
    holder === null ? "Another server" : `Another server (${holder.name}, since ${holder.since.toISOString()})`;
  return (
    `${who} works on this database and did not stop within ${waitMs / 1000} s. Stop that one first, or give this one ` +
    "a database of its own with DATABASE_URL; STARAI_HANDOVER_WAIT_S says how long to wait."
  );
}

function lostMessage({ name, since }: LockHolder): string {
  return (
    `The connection to the database broke, and another server (${name}, since ${since.toISOString()}) took over. ` +
    "This one stops; what it had not finished goes on there."
  );
}
