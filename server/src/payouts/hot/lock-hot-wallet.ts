/** One at a time decides about the hot wallet's messages: two processes never sign the same number. */
import { sql } from "drizzle-orm";
import type { Executor } from "../../db/executor.ts";

export async function lockHotWallet(tx: Executor): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('hot wallet', 0))`);
}
