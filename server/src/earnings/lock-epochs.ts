/** Closings of all servers on a database come one after another, statement for statement. */
import type { PoolClient } from "pg";

/** Until the transaction ends. */
export async function lockEpochs(client: Pick<PoolClient, "query">): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('epochs', 0))");
}
