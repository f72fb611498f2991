/**
 * `npm run verify-epoch -- <file> <distributor> [--endpoint URL]`: rebuilds the root of a published leaf file and compares it with what
 * stands on chain. Exit code 0: the file is the current, the pending or the previous epoch; 1: it is not; 2: it could not be checked.
 */
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { type DistributorData, RewardDistributor } from "../wrappers/RewardDistributor.ts";
import { assertKnown } from "./known-contract.ts";
import { patientAsk } from "./patience.ts";
import { RewardTreeThread, type TreeFacts } from "./reward-tree-thread.ts";

const USAGE = "npm run verify-epoch -- <leaf file> <distributor address> [--endpoint https://…/jsonRPC]";

/** Public endpoints by the network id a leaf file names. */
const ENDPOINTS = new Map([
  [-239, "https://toncenter.com/api/v2/jsonRPC"],
  [-3, "https://testnet.toncenter.com/api/v2/jsonRPC"],
]);

export interface Finding {
  holds: boolean;
  says: string;
}

type ChainFacts = { address: string } & Pick<
  DistributorData,
  "root" | "epoch" | "dataHash" | "totalCum" | "pending" | "previousRoot" | "previousTotalCum"
>;

/** What can be said of a file, given what stands on chain. All must hold. */
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

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { endpoint: { type: "string" } } });
  const [file, distributor] = positionals;
  if (!file || !distributor || positionals.length > 2) throw new Error(`Use: ${USAGE}`);
  const address = Address.parse(distributor);
  console.log(`Rebuilding the tree of ${file} …`);
  await using tree = await RewardTreeThread.open(file);
  const { facts } = tree;
  console.log(`${facts.size} leaves, ${facts.total} nano, root ${Buffer.from(facts.root).toString("hex")}`);
  const endpoint = values.endpoint ?? ENDPOINTS.get(facts.network);
  if (!endpoint) throw new Error(`Network ${facts.network} is not a public one: say --endpoint`);
  const client = new TonClient({ endpoint, httpAdapter: patientAsk() });
  await assertKnown({ client }, "RewardDistributor", address);
  const data = await client.open(new RewardDistributor(address)).getData();
  const findings = compareEpoch(facts, { ...data, address: address.toRawString() });
  for (const { holds, says } of findings) console.log(`${holds ? "yes" : "NO "}  ${says}`);
  return findings.every(({ holds }) => holds) ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`Could not check: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  }
}
