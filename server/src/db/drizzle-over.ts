/**
 * Drizzle over a pool, whose transactions give their connection back whatever happens. Drizzle's own keep it for ever
 * when `begin` fails, so that a database that restarts a few times would leave the pool without any.
 */
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Database } from "./executor.ts";

export function drizzleOver(pool: Pool): Database {
  const db = drizzle(pool);
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    try {
      return await drizzle(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return db;
}
