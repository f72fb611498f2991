/** What can be said of a published leaf file, given what stands on chain. */
import type { DistributorData } from "../wrappers/RewardDistributor.ts";
import type { TreeFacts } from "./reward-tree-thread.ts";

export interface Finding {
  holds: boolean;
  says: string;
}

type ChainFacts = { address: string } & Pick<
  DistributorData,
  "root" | "epoch" | "dataHash" | "totalCum" | "pending" | "previousRoot" | "previousTotalCum"
>;

/** All must hold. */
export function compareEpoch(file: TreeFacts, chain: ChainFacts): Finding[] {
  const root = numberOf(file.root);
  const current = { is: "current", root: chain.root, totalCum: chain.totalCum };
  // Only a revocation leaves no root before the current one: the chain went back to it, and remembers neither its epoch nor its file's hash.
  const revoked = chain.epoch > 1 && chain.previousRoot === 0n && chain.dataHash === 0n;
  const roots = [
    revoked
      ? { ...current, is: "current (the guardian went back to it: its epoch and its file's hash are forgotten)" }
      : { ...current, epoch: chain.epoch, dataHash: chain.dataHash },
    chain.pending && { is: "pending", ...chain.pending, epoch: chain.epoch + 1 },
    { is: "previous", root: chain.previousRoot, totalCum: chain.previousTotalCum },
  ];
  const match = roots.find((known) => known && known.root === root);
  const findings = [
    {
      holds: file.distributor === chain.address,
      says: `The file was written for this distributor (${file.distributor})`,
    },
    { holds: Boolean(match), says: `Its root is the ${match ? match.is : "current, the pending or the previous"} one` },
  ];
  if (!match) return findings;
  findings.push({
    holds: file.total <= match.totalCum,
    says: `Its leaves, ${file.total} nano, are no more than the chain lets out, ${match.totalCum}`,
  });
  if ("epoch" in match)
    findings.push({ holds: file.epoch === match.epoch, says: `It says epoch ${file.epoch}; the chain ${match.epoch}` });
  if ("dataHash" in match)
    findings.push({
      holds: numberOf(file.dataHash) === match.dataHash,
      says: "Its bytes have the hash the publisher announced",
    });
  return findings;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
