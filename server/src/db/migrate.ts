/** Brings a database to this version's schema; forward only. */
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";

export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../migrations", import.meta.url));
/**
 * Call it only while holding the server's lock on the database (see database-lock.ts).
 * @throws when the database was migrated by a newer version than this one: an old server must not write to it.
 */
export async function migrate(pool: pg.Pool, migrationsFolder = MIGRATIONS_FOLDER): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder });
  const newest = known.at(-1)?.folderMillis ?? 0;
  if ((await newestApplied(pool)) > newest)
    throw new Error(
      "The database was migrated by a newer version of StarAI than this one: start that version, or restore a backup.",
    );
  await applyMigrations(drizzle(pool), { migrationsFolder });
}

async function newestApplied(pool: pg.Pool): Promise<number> {
  const table = await pool.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (table.rows[0]?.name === null) return 0;
  const newest = await pool.query("select coalesce(max(created_at), 0) as at from drizzle.__drizzle_migrations");
  return Number(newest.rows[0]?.at);
}
