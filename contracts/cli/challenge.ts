/** Stops a pending root that takes earnings away from somebody. Anybody may: two published files are the proof. */
import { Address } from "@ton/core";
import type { Cell } from "@ton/core";
import { createReadStream } from "node:fs";
import { readLeafFile } from "../offchain/leaf-file.ts";
import { loweredLeaf } from "../offchain/lowered-leaf.ts";
import { RewardTreeThread } from "../offchain/reward-tree-thread.ts";
import { challengeDecreaseBody } from "../wrappers/RewardDistributor.ts";
import type { CliContext } from "./cli-context.ts";
import { order } from "./distributor-order.ts";
import { readDistributor } from "./distributor.ts";
import { coins } from "./words.ts";

export interface Decrease {
  owner: Address;
  /** What the current file and the pending one say the owner has earned, nano units. */
  before: bigint;
  after: bigint;
  body: Cell;
}

export async function challenge(
  context: CliContext,
  [currentFile = "", pendingFile = ""]: readonly string[],
): Promise<void> {
  const seen = await readDistributor(context);
  const { root, pending } = seen.data;
  if (!pending) throw new Error("No root is pending: there is nothing to challenge.");
  await using before = await RewardTreeThread.open(currentFile);
  await using after = await RewardTreeThread.open(pendingFile);
  assertRoot(before, root, "current");
  assertRoot(after, pending.root, "pending");
  const found = await findDecrease({ before, after });
  if (!found) throw new Error("The pending file takes nothing away from anybody: there is nothing to challenge.");
  context.say(`Lowered     ${describeDecrease(found)}`);
  if (await order(context, seen, { body: found.body })) context.say("Challenged: the pending root is dropped.");
}

export const describeDecrease = ({ owner, before, after }: Decrease): string =>
  `${owner.toString({ bounceable: false })} had ${coins(before)} and would have ${coins(after)}`;

/**
 * Compares two trees by their files, of these owners first. Null when nobody has less in the second. Takes seconds for a million
 * leaves.
 */
export async function findDecrease(trees: Trees, first: readonly Address[] = []): Promise<Decrease | null> {
  for (const owner of first) {
    const found = await decreaseOf(trees, owner);
    if (found.after < found.before) return found;
  }
  const [old, next] = [await leavesOf(trees.before), await leavesOf(trees.after)];
  const key = loweredLeaf(old, next);
  return key && decreaseOf(trees, new Address(0, Buffer.from(key)));
}

type Trees = Record<"before" | "after", RewardTreeThread>;

async function decreaseOf(trees: Trees, owner: Address): Promise<Decrease> {
  const [before, after] = [await trees.before.proof(owner.hash), await trees.after.proof(owner.hash)];
  const body = challengeDecreaseBody({ owner, currentProof: before.proof, pendingProof: after.proof });
  return { owner, before: before.amount, after: after.amount, body };
}

const leavesOf = async ({ file }: RewardTreeThread) => (await readLeafFile(createReadStream(file))).leaves;

/** Rejects a file of another root, whose proofs the distributor would refuse after charging a fee. */
function assertRoot({ file, facts }: RewardTreeThread, root: bigint, is: string): void {
  if (BigInt(`0x${Buffer.from(facts.root).toString("hex")}`) !== root)
    throw new Error(`${file} is not the file of the ${is} root: \`verify-epoch\` says which it is.`);
}
