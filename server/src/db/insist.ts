/**
 * Runs a write that must happen until it does: through a database that restarts, is full, or is away for an hour.
 * A fault of the write itself would come again for ever, so it is thrown at once.
 */
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseError } from "pg";
import type { Logger } from "pino";
import type { Health } from "../health.ts";

/** The pause between tries doubles: a restarted database is found soon, and one that stays away costs little. */
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 5_000;

export interface Insistence {
  log: Logger;
  /** Told of every fault: an outage of the database is its to log. */
  health: Pick<Health, "noticed">;
  /** What is being written, for the log. */
  what: string;
  /** When this fires, what is on its way is tried once more. */
  signal: AbortSignal;
}

/** @throws the last fault: one that cannot heal, or any once the signal has fired */
export async function insist<Value>(
  write: () => Promise<Value>,
  { log, health, what, signal }: Insistence,
): Promise<Value> {
  for (let tries = 1, wait = PAUSE_MS; ; tries++, wait = Math.min(wait * 2, PAUSE_MAX_MS)) {
    try {
      return await write();
    } catch (fault) {
      if (signal.aborted || !mayHeal(fault)) throw fault;
      // Once: many writes wait together, and the database's own watch says when it is back.
      if (!health.noticed(fault) && tries === 1)
        log.warn({ err: fault }, `${what} could not be written; trying again until it is`);
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** SQLSTATE classes that say the statement or its data is wrong: data, integrity, syntax or names, too much of it. */
const REPEATS = new Set(["22", "23", "42", "54"]);
const CONNECTION_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);
/** What pg says without a code. */
const CONNECTION_WORDS = /^(Connection terminated|Client (was closed|has encountered)|timeout exceeded when trying)/;

/** Whether this is the database's trouble (away, restarting, full, locked) and not the statement's. */
export function mayHeal(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if (fault instanceof DatabaseError) return !REPEATS.has((fault.code ?? "").slice(0, 2));
  if ("syscall" in fault && "code" in fault && CONNECTION_CODES.has(String(fault.code))) return true;
  return CONNECTION_WORDS.test(fault.message) || mayHeal(fault.cause);
}
