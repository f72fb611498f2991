/** Compares a published leaf file with the state of its distributor. */
import type { DistributorData } from "../wrappers/RewardDistributor.ts";
import type { TreeFacts } from "./reward-tree-thread.ts";

export interface Finding {
  holds: boolean;
  statement: string;
}

type ChainFacts = { address: string } & Pick<
  DistributorData,
  "root" | "epoch" | "dataHash" | "totalCum" | "pending" | "previousRoot" | "previousTotalCum"
>;

/** The file belongs to the chain if all findings hold. */
export function compareEpoch(file: TreeFacts, chain: ChainFacts): Finding[] {
  const root = numberOf(file.root);
  const current = { is: "current", root: chain.root, totalCum: chain.totalCum };
  // Only a revocation leaves no previous root: the current one was restored without its epoch and its file's hash.
  const revoked = chain.epoch > 1 && chain.previousRoot === 0n && chain.dataHash === 0n;
  const roots = [
    revoked
      ? { ...current, is: "current (restored by the guardian: its epoch and its file's hash are not stored)" }
      : { ...current, epoch: chain.epoch, dataHash: chain.dataHash },
    chain.pending && { is: "pending", ...chain.pending, epoch: chain.epoch + 1 },
    { is: "previous", root: chain.previousRoot, totalCum: chain.previousTotalCum },
  ];
  const match = roots.find((known) => known && known.root === root);
  const findings = [
    {
      holds: file.distributor === chain.address,
      statement: `The file was written for this distributor (${file.distributor})`,
    },
    {
      holds: Boolean(match),
      statement: `Its root is the ${match ? match.is : "current, the pending or the previous"} one`,
    },
  ];
  if (!match) return findings;
  findings.push({
    holds: file.total <= match.totalCum,
    statement: `Its leaves add up to ${file.total} nano, within the chain's total of ${match.totalCum}`,
  });
  if ("epoch" in match)
    findings.push({
      holds: file.epoch === match.epoch,
      statement: `Its epoch is ${file.epoch}; the chain's is ${match.epoch}`,
    });
  if ("dataHash" in match)
    findings.push({
      holds: numberOf(file.dataHash) === match.dataHash,
      statement: "Its bytes have the hash the publisher announced",
    });
  return findings;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
