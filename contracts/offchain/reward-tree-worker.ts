/** The thread of `RewardTreeThread`: reads one leaf file, hashes its tree, and answers with proofs. */
import { createReadStream } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { RewardTree } from "../wrappers/merkle.ts";
import { readLeafFile } from "./leaf-file.ts";
import { nativeSha256 } from "./native-sha256.ts";
import type { ProofReply, ProofRequest, TreeFacts } from "./reward-tree-thread.ts";

const { file } = workerData as { file: string };
const { leaves, ...facts } = await readLeafFile(createReadStream(file, { highWaterMark: 1 << 20 }));
const tree = new RewardTree(leaves, nativeSha256);

parentPort!.on("message", ({ id, owner }: ProofRequest) => parentPort!.postMessage(prove(id, owner), []));
parentPort!.postMessage({ ...facts, size: tree.size, root: tree.root } satisfies TreeFacts, []);

function prove(id: number, owner: Uint8Array): ProofReply {
  return { id, amount: tree.amountOf(owner), proof: tree.proof(owner).toBoc() };
}
