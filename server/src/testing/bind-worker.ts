/** A worker that is somebody's, with a stake behind it. */
import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../db/executor.ts";
import { contributorStakes, wallets, workerBindings } from "../db/schema.ts";

export async function bindWorker(
  db: Database,
  { worker, person, stake }: { worker: string; person: string | null; stake: bigint },
): Promise<void> {
  await db.delete(workerBindings).where(eq(workerBindings.worker, worker));
  await db.insert(workerBindings).values({ worker, person });
  if (person === null) return;
  const wallet = `0:${createHash("sha256").update(person).digest("hex")}`;
  await db.insert(wallets).values({ person, address: wallet, payoutsFrom: new Date() }).onConflictDoNothing();
  const seen = { stake, seenAt: new Date() };
  await db
    .insert(contributorStakes)
    .values({ wallet, account: wallet, ...seen })
    .onConflictDoUpdate({ target: contributorStakes.wallet, set: seen });
}
