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
    // A connection that cannot even roll back is thrown away, and its transaction with it.
    await client.query("rollback").catch((broken: Error) => (fault = broken));
    throw error;
  } finally {
    client.release(fault);
  }
}

/** READ COMMITTED, and on the disk when it is acknowledged. A stronger setting (a standby must have it too) stays. */
const BEGIN_DURABLE = `begin isolation level read committed;
  select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') in ('off', 'local')`;

/** A transaction about money. After a fault of the connection, ask again under the same keys. */
export function durableTransaction<Value>(pool: Pool, work: (client: PoolClient) => Promise<Value>): Promise<Value> {
  return inTransaction(pool, BEGIN_DURABLE, work);
}
