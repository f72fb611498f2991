/**
 * The tree of an epoch's file, for its root and for proofs. A small one is hashed here; a large one in a thread of its
 * own, as that takes seconds, from a file that is deleted with it.
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Cell } from "@ton/core";
import { readLeafFile } from "@starai/contracts/offchain/leaf-file";
import { nativeSha256 } from "@starai/contracts/offchain/native-sha256";
import { RewardTreeThread } from "@starai/contracts/offchain/reward-tree-thread";
import { RewardTree } from "@starai/contracts/merkle";

/** Some 30 ms. */
const HERE_MAX = 1_000;

export interface EpochTree extends AsyncDisposable {
  readonly root: Buffer;
  /** SHA-256 of the file. */
  readonly dataHash: Buffer;
  /** @param owner  a wallet's account hash @returns its leaf, nano units, 0 for nobody in it, and the proof of that */
  proof(owner: Uint8Array): Promise<{ amount: bigint; proof: Cell }>;
}

/** @param leaves  how many the file has @throws BadLeafFile */
export async function openEpochTree(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  leaves: number,
): Promise<EpochTree> {
  return leaves <= HERE_MAX ? openHere(parts) : openInThread(parts);
}

async function openHere(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<EpochTree> {
  const file = await readLeafFile(parts);
  const tree = new RewardTree(file.leaves, nativeSha256);
  return {
    root: Buffer.from(tree.root),
    dataHash: file.dataHash,
    proof: async (owner) => ({ amount: tree.amountOf(owner), proof: tree.proof(owner) }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function openInThread(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<EpochTree> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-epoch-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, "leaves");
    await using written = await open(file, "wx", 0o600);
    for await (const part of parts) await written.write(part);
    const tree = await RewardTreeThread.open(file);
    return {
      root: Buffer.from(tree.facts.root),
      dataHash: Buffer.from(tree.facts.dataHash),
      proof: (owner) => tree.proof(owner),
      [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
    };
  } finally {
    // The thread has read all of it.
    await remove();
  }
}
