/** Transactions over a connection of their own. */
import type { Pool, PoolClient } from "pg";

/** @throws what `work` throws, after a rollback; or a fault of the connection, when nobody knows whether it committed */
export async function inTransaction<Value>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    await client.query(begin);
    const value = await work(client);
    await client.query("commit");
    return value;
  } catch (error) {
    fault = await rollBack(client);
    throw error;
  } finally {
    client.release(fault);
  }
}

/** The fault of a connection that cannot even roll back: it is to be thrown away, and its transaction with it. */
export async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Each statement sees what the locks before it waited for. */
export const BEGIN = "begin isolation level read committed";

/** For a connection: what is acknowledged is on the disk. A stronger setting (a standby must have it too) stays. */
export const COMMIT_TO_DISK =
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')";
