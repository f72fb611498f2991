/** A transaction of money: through drizzle for rows and over the same connection for the ledger. */
import { drizzle } from "drizzle-orm/node-postgres";
import { DatabaseError } from "pg";
import type { Pool, PoolClient } from "pg";
import { retry } from "@starai/protocol/retry";
import type { Database } from "../db/executor.ts";
import { BEGIN, COMMIT_TO_DISK, inTransaction } from "../ledger/transaction.ts";

export interface MoneyTransaction {
  readonly client: PoolClient;
  readonly tx: Database;
  /** Runs this once it is stored, and never where it is not; it must not throw. */
  readonly afterCommit: (work: () => void) => void;
}

/** Lost races, over once the other transaction has ended: deadlock, serialisation, a row written meanwhile. */
const LOST_RACE = new Set(["40P01", "40001", "23505"]);
const TRIES = { triesMax: 4, firstMs: 10, maxMs: 200 };

/**
 * Runs `work`, again where another transaction was in its way; what it acknowledges is on the disk.
 * @throws what `work` throws, after a rollback; or the database's fault, after which it may or may not have happened
 */
export function moneyTransaction<Value>(pg: Pool, work: (open: MoneyTransaction) => Promise<Value>): Promise<Value> {
  const attempt = async () => {
    const after: (() => void)[] = [];
    const afterCommit = (next: () => void) => void after.push(next);
    const inside = (client: PoolClient) => work({ client, tx: drizzle(client), afterCommit });
    const value = await inTransaction(pg, `${BEGIN}; ${COMMIT_TO_DISK}`, inside);
    for (const next of after) next();
    return value;
  };
  return retry(attempt, { ...TRIES, mayPass }).catch((error: unknown) => {
    if (error instanceof RolledBack) return error.value as Value;
    throw error;
  });
}

/** What was read before is no longer so; the transaction is run again. */
export class Moved extends Error {}

function mayPass(error: unknown): boolean {
  if (error instanceof Moved) return true;
  // Drizzle wraps what the database says.
  const said = error instanceof Error && error.cause instanceof DatabaseError ? error.cause : error;
  return said instanceof DatabaseError && LOST_RACE.has(said.code ?? "");
}

/** Undoes what the transaction did, which then has this value: for a finding that is no fault. */
export class RolledBack extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super("rolled back");
    this.value = value;
  }
}
