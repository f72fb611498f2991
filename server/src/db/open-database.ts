/** The server's database: the one DATABASE_URL names, or an embedded PostgreSQL in the data folder. */
import path from "node:path";
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import type { Logger } from "pino";
import type { Database } from "../context.ts";
import type { Config } from "../config.ts";
import { drizzleOver } from "./drizzle-over.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate } from "./migrate.ts";

/** Connections per server process: statements are short, and PostgreSQL's embedded limit is 50 for everyone. */
const CONNECTIONS_MAX = 16;

export interface OpenDatabase {
  db: Database;
  pg: Pool;
  /** How to open further connections of one's own (pg-boss). */
  connection: PoolConfig;
  close(): Promise<void>;
}

export async function openDatabase(config: Pick<Config, "databaseUrl" | "home">, log: Logger): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) return connect({ connectionString: config.databaseUrl }, log, async () => undefined);
  const folder = path.join(config.home, "database");
  const server = await startEmbeddedPostgres(folder, path.join(config.home, "postgres"));
  if (server.adopted) log.warn("found the database still running from an earlier start; going on with it");
  try {
    return await connect(server.connection, log, () => server.stop());
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Connects, migrates, and owns what it opened. */
export async function connect(
  connection: PoolConfig,
  log: Logger,
  afterClose: () => Promise<void>,
): Promise<OpenDatabase> {
  const pool = new Pool({ ...connection, max: CONNECTIONS_MAX });
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  pool.on("error", (error) => log.warn({ error: error.message }, "a database connection broke"));
  // The same for one that breaks inside a transaction, between statements; the next statement is told.
  pool.on("connect", (client) => client.on("error", () => {}));
  await migrate(pool);
  return {
    db: drizzleOver(pool),
    pg: pool,
    connection,
    close: async () => {
      await pool.end();
      await afterClose();
    },
  };
}
