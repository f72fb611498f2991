/**
 * `npm run verify-epoch -- <file> <distributor> [--endpoint URL]`: rebuilds the root of a published leaf file and compares it with
 * the chain. Exit code 0: the file is the current, the pending or the previous epoch; 1: it is not; 2: it could not be checked.
 */
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { RewardDistributor } from "../wrappers/RewardDistributor.ts";
import { compareEpoch } from "./compare-epoch.ts";
import { assertKnown } from "./known-contract.ts";
import { knownEndpoint } from "./known-endpoint.ts";
import { retryingAdapter } from "./retrying-adapter.ts";
import { RewardTreeThread } from "./reward-tree-thread.ts";

const USAGE = "npm run verify-epoch -- <leaf file> <distributor address> [--endpoint https://…/jsonRPC]";

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { endpoint: { type: "string" } } });
  const [file, distributor] = positionals;
  if (!file || !distributor || positionals.length > 2) throw new Error(`Usage: ${USAGE}`);
  const address = Address.parse(distributor);
  console.log(`Rebuilding the tree of ${file} …`);
  await using tree = await RewardTreeThread.open(file);
  const { facts } = tree;
  console.log(`${facts.size} leaves, ${facts.total} nano, root ${Buffer.from(facts.root).toString("hex")}`);
  const endpoint = values.endpoint ?? knownEndpoint(facts.network);
  if (endpoint === null) throw new Error(`Network ${facts.network} has no public endpoint: pass --endpoint`);
  console.log(`Asking ${endpoint}; --endpoint asks another one.`);
  const client = new TonClient({ endpoint, httpAdapter: retryingAdapter() });
  await assertKnown({ client }, "RewardDistributor", address);
  const data = await client.open(new RewardDistributor(address)).getData();
  const findings = compareEpoch(facts, { ...data, address: address.toRawString() });
  for (const { holds, statement } of findings) console.log(`${holds ? "yes" : "NO "}  ${statement}`);
  return findings.every(({ holds }) => holds) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`Could not check: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
