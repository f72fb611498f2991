/** Commands of the distributor's publisher, and those that anybody may send it. */
import { Address } from "@ton/core";
import { RewardTreeThread } from "../offchain/reward-tree-thread.ts";
import type { TreeFacts } from "../offchain/reward-tree-thread.ts";
import { ContributorAccount, executeSlashBody } from "../wrappers/ContributorAccount.ts";
import { fundPoolBody, proposeCapBody, proposeRootBody, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { distributorAddress } from "./account.ts";
import type { CliContext } from "./cli-context.ts";
import type { Command } from "./command.ts";
import { deliver } from "./deliver.ts";
import { ATTACHED, order } from "./distributor-order.ts";
import { readDistributor, showDistributor } from "./distributor.ts";
import type { DistributorSnapshot } from "./distributor.ts";
import { plain } from "./plain-order.ts";
import { parsedAddress } from "./settings.ts";
import { coins, coinsOf, when } from "./words.ts";

const PUBLISHER = { role: "Publisher" } as const;
const ANYBODY = { role: "Anybody" } as const;

export const PUBLISHER_COMMANDS: readonly Command[] = [
  {
    ...ANYBODY,
    name: "distributor",
    does: "epoch, cap, pool, pending root, roles of --distributor",
    run: showDistributor,
  },
  {
    ...ANYBODY,
    name: "activate",
    does: "opens the pending root once its delay is over",
    run: plain("ActivateRoot", "Opened: its leaves can be claimed."),
  },
  {
    ...ANYBODY,
    name: "fund",
    takes: ["amount"],
    does: "puts money into the pool; only claims take it out",
    run: (context, [amount = ""]) => fund(context, coinsOf("The amount", amount)),
  },
  {
    ...ANYBODY,
    name: "apply-cap",
    does: "applies an accepted epoch cap once its notice is over",
    run: plain("ApplyCap", "The epoch cap is the new one."),
  },
  {
    ...ANYBODY,
    name: "execute-slash",
    takes: ["owner"],
    does: "executes this contributor's slash once its appeal is over",
    run: (context, [owner = ""]) => executeSlash(context, parsedAddress("The contributor", owner)),
  },
  {
    ...PUBLISHER,
    name: "propose-root",
    takes: ["leaf file"],
    does: "proposes the root of an epoch; publish the file as well",
    run: (context, [file = ""]) => proposeRoot(context, file),
  },
  {
    ...PUBLISHER,
    name: "propose-slash",
    takes: ["owner", "amount", "reason"],
    does: "disputes a stake; <reason> is the hash of the report, hex",
    run: proposeSlash,
  },
  {
    ...PUBLISHER,
    name: "propose-cap",
    takes: ["amount"],
    does: "proposes another epoch cap to the guardian",
    run: (context, [amount = ""]) => proposeCap(context, coinsOf("The cap", amount)),
  },
  {
    ...PUBLISHER,
    name: "accept-publisher",
    does: "takes the office, sent by whom the guardian named",
    run: plain("AcceptPublisher", "You are the publisher."),
  },
];

async function fund(context: CliContext, amount: bigint): Promise<void> {
  const seen = await readDistributor(context);
  if (await order(context, seen, { body: fundPoolBody(amount), value: amount + FUNDING }))
    context.say(`${coins(amount)} is in the pool.`);
}

/** Added when funding, nano units: gas under either price list. */
const FUNDING = 10_000_000n;

async function proposeRoot(context: CliContext, file: string): Promise<void> {
  const seen = await readDistributor(context);
  await using tree = await RewardTreeThread.open(file);
  const { facts } = tree;
  assertNext(facts, seen, context.settings.networkId);
  const { totalCum } = seen.data;
  const root = {
    epoch: facts.epoch,
    root: numberOf(facts.root),
    // What was owed by a revoked root stays owed, on top of the leaves.
    totalCum: facts.total > totalCum ? facts.total : totalCum,
    dataHash: numberOf(facts.dataHash),
  };
  context.say(`Leaves      ${facts.size}, ${coins(facts.total)} since the beginning`);
  if (!(await order(context, seen, { body: proposeRootBody(root), from: seen.data.publisher }))) return;
  const { data, nowS } = await readDistributor(context);
  context.say(`Proposed: it can be opened from ${when(data.pending?.activeAt ?? nowS, nowS)}.`);
  context.say(`Publish the file under its hash: ${Buffer.from(facts.dataHash).toString("hex")}`);
}

/** Rejects a file that nobody could verify against the root it proposes. */
function assertNext(facts: TreeFacts, { distributor, data }: DistributorSnapshot, networkId: number): void {
  if (facts.network !== networkId)
    throw new Error(`The file is for network ${facts.network}, the endpoint for ${networkId}.`);
  if (!Address.parseRaw(facts.distributor).equals(distributor.address))
    throw new Error(`The file is for the distributor ${facts.distributor}, not for --distributor.`);
  if (facts.epoch !== data.epoch + 1)
    throw new Error(`The file is of epoch ${facts.epoch}, and the next one is ${data.epoch + 1}.`);
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

async function proposeSlash(context: CliContext, args: readonly string[]): Promise<void> {
  const [ownerText = "", amountText = "", reasonText = ""] = args;
  const owner = parsedAddress("The contributor", ownerText);
  const amount = coinsOf("The amount", amountText);
  if (!/^[0-9a-f]{64}$/i.test(reasonText)) throw new Error("The reason must be a hash: 64 hex digits.");
  const seen = await readDistributor(context);
  const body = relaySlashBody({ owner, amount, reason: BigInt(`0x${reasonText}`) });
  if (await order(context, seen, { body, owner, from: seen.data.publisher }))
    context.say(`Disputed: ${coins(amount)} of this stake is held; the guardian may cancel it.`);
}

async function proposeCap(context: CliContext, epochCap: bigint): Promise<void> {
  const seen = await readDistributor(context);
  if (await order(context, seen, { body: proposeCapBody(epochCap), from: seen.data.publisher }))
    context.say(`Proposed: the guardian agrees with \`accept-cap\` and the same amount.`);
}

async function executeSlash(context: CliContext, owner: Address): Promise<void> {
  const { address } = new ContributorAccount({ owner, distributor: distributorAddress(context) });
  const contracts = [{ name: "account", address }];
  if (await deliver(context, { to: address, value: ATTACHED, body: executeSlashBody(), contracts }))
    context.say("Executed: what was disputed went to the vault for refunds.");
}
