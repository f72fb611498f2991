/**
 * Runs a write that must happen until it does: through a database that restarts, is full, or is away for an hour.
 * A fault of the write itself would come again for ever, so it is thrown at once.
 */
import { retry } from "@starai/protocol/retry";
import { DatabaseError } from "pg";
import type { Base } from "../base.ts";
import { databaseFault } from "./database-fault.ts";

/** The pause between tries doubles: a restarted database is found soon, and one that stays away costs little. */
const PACE = { firstMs: 250, maxMs: 5_000 };

export interface Insistence {
  ctx: Pick<Base, "log" | "health">;
  /** What is being written, for the log. */
  what: string;
  /** When this fires, the write is tried once more. */
  signal: AbortSignal;
}

/** @throws the last fault: one that cannot heal, or any once the signal has fired */
export function insist<Value>(write: () => Promise<Value>, { ctx, what, signal }: Insistence): Promise<Value> {
  return retry(write, {
    ...PACE,
    signal,
    mayPass: mayHeal,
    onPause: (fault, { tries }) => {
      if (!ctx.health.noticed(fault) && tries === 1)
        ctx.log.warn({ err: fault }, `${what} could not be written; trying again until it is`);
    },
  });
}

/** SQLSTATE classes that say the statement or its data is wrong: data, integrity, syntax or names, too much of it. */
const REPEATS = new Set(["22", "23", "42", "54"]);

/** Whether this is the database's trouble (away, restarting, full, busy) and not the statement's. */
export function mayHeal(fault: unknown): boolean {
  if (databaseFault(fault) !== null) return true;
  if (fault instanceof DatabaseError) return !REPEATS.has((fault.code ?? "").slice(0, 2));
  return fault instanceof Error && mayHeal(fault.cause);
}
