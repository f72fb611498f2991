/** The database as verbs see it. */
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

export type Database = NodePgDatabase;

/** Either the database or a transaction of it. */
export type Executor = Pick<Database, "select" | "insert" | "update" | "delete" | "execute" | "$count">;
