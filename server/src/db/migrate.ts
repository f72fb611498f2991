/** Brings a database to this version's schema; forward only. */
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";

export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../migrations", import.meta.url));
/** Any constant: it names the lock under which one process migrates while others wait. */
const MIGRATION_LOCK = 7_243_001;

/** @throws when the database was migrated by a newer version than this one: an old server must not write to it. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
    const newest = known.at(-1)?.folderMillis ?? 0;
    const applied = await newestApplied(client);
    if (applied > newest)
      throw new Error(
        "The database was migrated by a newer version of StarAI than this one: start that version, or restore a backup.",
      );
    await applyMigrations(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => undefined);
    client.release();
  }
}

async function newestApplied(client: pg.PoolClient): Promise<number> {
  const table = await client.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (table.rows[0]?.name === null) return 0;
  const newest = await client.query("select coalesce(max(created_at), 0) as at from drizzle.__drizzle_migrations");
  return Number(newest.rows[0]?.at);
}
