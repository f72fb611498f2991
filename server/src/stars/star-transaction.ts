/** Transactions about one charge: a payment, its refund and their repetitions come one after another. */
import type { Pool, PoolClient } from "pg";
import { moneyTransaction } from "../billing/money-transaction.ts";

/**
 * Acknowledged once it is on the disk.
 * @param name  of what comes one after another: a charge, or a person's orders
 * @throws the database's fault, after which it may or may not have happened: ask again
 */
export function starTransaction<Value>(
  pg: Pool,
  name: string,
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  return moneyTransaction(pg, async ({ client }) => {
    await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`stars ${name}`]);
    return work(client);
  });
}
