/** Whether answers that an account pays for are under way: what they captured may still come back. */
import type { PoolClient } from "pg";
import type { AccountId } from "../ledger/rules/operation.ts";

export async function hasOpenHolds(client: PoolClient, account: AccountId): Promise<boolean> {
  const { rows } = await client.query("select from ledger_holds where account = $1 and closed_at is null limit 1", [
    account,
  ]);
  return rows.length > 0;
}
