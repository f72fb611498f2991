/** Compares the reward tree with @ton/core's Dictionary, and measures a claim with a real proof of a million leaves. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beginCell, Dictionary, toNano } from "@ton/core";
import type { Cell } from "@ton/core";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { nativeSha256 } from "@starai/contracts/offchain/native-sha256";
import { RewardTreeThread } from "@starai/contracts/offchain/reward-tree-thread";
import { RewardTree } from "@starai/contracts/merkle";
import type { RewardLeaves } from "@starai/contracts/merkle";
import { gasRow } from "../contracts/gas/gas-row.ts";
import { RewardWorld } from "../contracts/tests/test-rewards.ts";
import { median } from "./median.ts";

const SIZES = [1_000, 5_000, 100_000, 1_000_000];
/** Most leaves for @ton/core; with more it needs a minute per proof. */
const THEIR_MOST = 5_000;
const PROOFS = 200;

export async function measureMerkle(): Promise<string[]> {
  const lines = [
    "A tree of n owners: hashing it, then 200 proofs one after the other. `@ton/core` builds every cell, and each proof anew.",
    "",
    "| leaves | build | @ton/core's | proof, median and slowest | @ton/core's | cells of a proof, mean and most | bytes |",
    "|---:|---:|---:|---:|---:|---:|---:|",
  ];
  for (const size of SIZES) lines.push(row(size));
  return [...lines, "", await inThread(SIZES.at(-1)!), "", await realClaim(SIZES.at(-1)!)];
}

function row(size: number): string {
  const leaves = leavesOf(size);
  const [tree, buildMs] = timed(() => new RewardTree(leaves, nativeSha256));
  const proofs = Array.from({ length: PROOFS }, (_, index) => ownerAt(leaves, Math.floor((index * size) / PROOFS)));
  const made = proofs.map((owner) => timed(() => tree.proof(owner)));
  const times = made.map(([, ms]) => ms);
  const cells = made.map(([proof]) => countCells(proof));
  const bytes = made.reduce((sum, [proof]) => sum + proof.toBoc().length, 0) / PROOFS;
  const theirs = size <= THEIR_MOST ? core(leaves, tree) : null;
  return `| ${size.toLocaleString("en")} | ${buildMs.toFixed(0)} ms | ${theirs ? ratio(theirs.buildMs, buildMs) : "–"} | ${median(times).toFixed(1)}, ${Math.max(...times).toFixed(1)} ms | ${theirs ? ratio(theirs.proofMs, median(times)) : "–"} | ${(cells.reduce((a, b) => a + b) / PROOFS).toFixed(1)}, ${Math.max(...cells)} | ${bytes.toFixed(0)} |`;
}

/** Measures the same with @ton/core. Throws if it builds a different tree. */
function core(leaves: RewardLeaves, tree: RewardTree): { buildMs: number; proofMs: number } {
  const dictionary = Dictionary.empty(Dictionary.Keys.Buffer(32), Dictionary.Values.BigVarUint(4));
  for (const [index, amount] of leaves.amounts.entries()) dictionary.set(ownerAt(leaves, index), amount);
  const [root, buildMs] = timed(() => beginCell().storeDictDirect(dictionary).endCell());
  if (!root.hash().equals(Buffer.from(tree.root))) throw new Error("the two trees differ");
  const [, proofMs] = timed(() => dictionary.generateMerkleProof([ownerAt(leaves, 0)]));
  return { buildMs, proofMs };
}

async function inThread(size: number): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-leaves-"));
  try {
    const file = createWriteStream(path.join(folder, "epoch"));
    const leaves = leavesOf(size);
    const header = { network: -239, distributor: `0:${"0".repeat(64)}`, epoch: 1 };
    for (const chunk of writeLeafFile(header, leaves)) if (!file.write(chunk)) await once(file, "drain");
    file.end();
    await once(file, "close");
    const began = performance.now();
    await using tree = await RewardTreeThread.open(path.join(folder, "epoch"));
    const ready = performance.now() - began;
    const times: number[] = [];
    for (let index = 0; index < PROOFS; index++) {
      const asked = performance.now();
      await tree.proof(ownerAt(leaves, index * 31));
      times.push(performance.now() - asked);
    }
    return `In a worker thread, from the published file of ${size.toLocaleString("en")} leaves (${(file.bytesWritten / 1e6).toFixed(0)} MB): ready after ${(ready / 1000).toFixed(1)} s, a proof asked and answered in ${median(times).toFixed(1)} ms, the slowest ${Math.max(...times).toFixed(1)} ms.`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function realClaim(size: number): Promise<string> {
  const world = await RewardWorld.open();
  const owner = await world.contributor("owner");
  const tree = new RewardTree(leavesOf(size, owner.address.hash), nativeSha256);
  await world.publish(tree, toNano(1000));
  await world.claim(owner, { deploy: true, proof: tree.proof(owner.address.hash) });
  const raised = leavesOf(size, owner.address.hash, toNano(9));
  await world.publish(new RewardTree(raised, nativeSha256), toNano(1000));
  const { transactions } = await world.claim(owner);
  const { fee, walletFee } = gasRow({ contract: "", message: "", feeMax: 0n }, transactions, [owner.address]);
  return `A claim with a real proof of ${size.toLocaleString("en")} leaves (${countCells(tree.proof(owner.address.hash))} cells) costs ${units(fee)} coins at the prices of June 2026, without the wallet's ${units(walletFee)}.`;
}

/** The same owners every time, in order; `extra` among them when given. Amounts fit what an epoch may owe. */
function leavesOf(size: number, extra?: Buffer, amount = toNano(5)): RewardLeaves {
  const keys = Array.from({ length: size }, (_, index) => createHash("sha256").update(`owner ${index}`).digest());
  if (extra) keys[0] = extra;
  keys.sort((a, b) => a.compare(b));
  const amounts = BigUint64Array.from(keys, (key) => (key === extra ? amount : 1_000n + BigInt(key[31]!)));
  return { keys: Buffer.concat(keys), amounts };
}

const ratio = (ms: number, by: number): string => `${ms.toFixed(0)} ms (${(ms / by).toFixed(0)}×)`;

const units = (nano: bigint): string => (Number(nano) / 1e9).toFixed(6);

const ownerAt = ({ keys }: RewardLeaves, index: number): Buffer =>
  Buffer.from(keys.subarray(index * 32, index * 32 + 32));

function countCells(cell: Cell): number {
  return 1 + cell.refs.reduce((sum, ref) => sum + countCells(ref), 0);
}

function timed<T>(work: () => T): [T, number] {
  const began = performance.now();
  const result = work();
  return [result, performance.now() - began];
}
