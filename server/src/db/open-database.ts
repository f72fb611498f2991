/** The server's database: the one DATABASE_URL names, or an embedded PostgreSQL in the data folder. */
import path from "node:path";
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { drizzleOver } from "./drizzle-over.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import type { Database } from "./executor.ts";

/** Connections of the server: statements are short, and PostgreSQL's embedded limit is 50 for everyone. */
const CONNECTIONS_MAX = 16;
/** A statement that found no connection within this is refused: its caller has given up long before. */
const CONNECT_MS_MAX = 15_000;

export interface OpenDatabase {
  db: Database;
  pg: Pool;
  /** Settings for further connections of one's own (the server's lock). */
  connection: PoolConfig;
  close(): Promise<void>;
}

/** Connects to a database that another server may still use: nothing in it is touched. */
export async function openDatabase(config: Pick<Config, "databaseUrl" | "home">, log: Logger): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) return connect({ connectionString: config.databaseUrl }, log, async () => undefined);
  const server = await startEmbeddedPostgres(databaseFolder(config.home), path.join(config.home, "postgres"), log);
  if (server.adopted) log.warn("found the database still running from an earlier start; going on with it");
  return connect(server.connection, log, () => server.stop());
}

/** Where the embedded database of a data folder is. */
export function databaseFolder(home: string): string {
  return path.join(home, "database");
}

/** Owns what it opens. */
export function connect(connection: PoolConfig, log: Logger, afterClose: () => Promise<void>): OpenDatabase {
  const pool = new Pool({ ...connection, max: CONNECTIONS_MAX, connectionTimeoutMillis: CONNECT_MS_MAX });
  // Connections that break are replaced by the pool, and the statement over one is rejected; without listeners
  // the error would end the process. The second one is for those that break inside a transaction, between statements.
  pool.on("error", (error) => log.debug({ err: error }, "an idle database connection broke"));
  pool.on("connect", (client) => client.on("error", () => {}));
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
