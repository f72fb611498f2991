/**
 * An epoch's file of leaves, kept in parts. It follows from the leaves, which change with the next closing only, and that
 * waits until this epoch is through: so whoever writes it, and however often, it is the same.
 */
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import type { RewardLeaves } from "@starai/contracts/merkle";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { epochFiles, epochLeaves, epochs } from "../db/schema.ts";
import { assert } from "../errors.ts";
import { openEpochTree } from "./epoch-tree.ts";
import type { EpochRow } from "./running-epoch.ts";

/** Leaves read at once: some megabytes. */
const PAGE = 50_000;

/** Stores the file and the root of a closed epoch that has none yet. @throws the database's faults; then it is done again */
export async function writeEpochFile(
  { db, pg }: Pick<ChainContext, "db" | "pg">,
  epoch: EpochRow,
  { networkId, distributor }: { networkId: number; distributor: string },
): Promise<void> {
  const { number, chainEpoch } = epoch;
  const leaves = await readLeaves(db, epoch.leaves);
  // Written twice, so that of a large file only a part is in memory: for its tree, and to be stored.
  const parts = () => writeLeafFile({ network: networkId, distributor, epoch: chainEpoch }, leaves);
  await using tree = await openEpochTree(parts(), epoch.leaves);
  await moneyTransaction(pg, async ({ tx }) => {
    let part = 0;
    for (const bytes of parts())
      await tx.insert(epochFiles).values({ epoch: number, part: part++, bytes }).onConflictDoNothing();
    const { root, dataHash } = tree;
    await tx
      .update(epochs)
      .set({ root, dataHash })
      .where(and(eq(epochs.number, number), isNull(epochs.root)));
  });
}

async function readLeaves(db: Executor, count: number): Promise<RewardLeaves> {
  const leaves = { keys: new Uint8Array(count * 32), amounts: new BigUint64Array(count) };
  let at = 0;
  for (let after = ""; ;) {
    const rows = await db
      .select({ wallet: epochLeaves.wallet, cumulative: epochLeaves.cumulative })
      .from(epochLeaves)
      .where(gt(sql`${epochLeaves.wallet} collate "C"`, after))
      .orderBy(asc(sql`${epochLeaves.wallet} collate "C"`))
      .limit(PAGE);
    for (const { wallet, cumulative } of rows) {
      assert(at < count, "an epoch's leaves do not change while its file is written");
      leaves.keys.set(Buffer.from(wallet.slice(2), "hex"), at * 32);
      leaves.amounts[at++] = cumulative;
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.wallet;
  }
  assert(at === count, "an epoch's leaves do not change while its file is written");
  return leaves;
}

/** The file's bytes, part by part. */
export async function* readEpochFile(db: Executor, epoch: number): AsyncGenerator<Buffer> {
  for (let part = 0; ; part++) {
    const [row] = await db
      .select({ bytes: epochFiles.bytes })
      .from(epochFiles)
      .where(and(eq(epochFiles.epoch, epoch), eq(epochFiles.part, part)));
    if (row === undefined) return;
    yield row.bytes;
  }
}
