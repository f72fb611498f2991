/** Claims what a published leaf file says was earned. Anybody may send a claim; only the owner is paid. */
import { Address } from "@ton/core";
import { assertKnown } from "../offchain/known-contract.ts";
import { compareEpoch } from "../offchain/compare-epoch.ts";
import { RewardTreeThread } from "../offchain/reward-tree-thread.ts";
import type { TreeFacts } from "../offchain/reward-tree-thread.ts";
import { claimBody, plainBody, RewardDistributor } from "../wrappers/RewardDistributor.ts";
import type { DistributorData } from "../wrappers/RewardDistributor.ts";
import { readAccount } from "./account.ts";
import type { AccountSnapshot } from "./account.ts";
import { ownerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { deliver } from "./deliver.ts";
import { coins, when } from "./words.ts";

/** Attached value, nano units; everything except gas is refunded. */
const ATTACHED = 50_000_000n;
/** Largest believable value of a claim, nano units: twenty times the need before prices fell. */
const CLAIM_VALUE_MAX = 500_000_000n;

export async function claim(context: CliContext, [file = ""]: readonly string[]): Promise<void> {
  const owner = ownerOf(context);
  await using tree = await RewardTreeThread.open(file);
  const distributor = distributorOf(context, tree.facts);
  if (!(await activateIfRipe(context, distributor, tree.facts))) return;
  const { amount, proof } = await tree.proof(owner.hash);
  if (amount === 0n)
    throw new Error(`The file names nothing for ${owner.toString()}: compare the address, or get the newest file.`);

  const at = { owner, distributor: distributor.address };
  const before = await readAccount(context, at);
  const claimed = before.data?.claimed ?? 0n;
  const due = amount - claimed;
  context.say(`Earned     ${coins(amount)} since the beginning, ${coins(claimed)} of it paid already`);
  if (due <= 0n) return context.say("Nothing to do: all of it is paid.");
  const payable = await context.client.open(distributor).getPayableNow();
  context.say(`Will pay   ${coins(due < payable ? due : payable)} to ${owner.toString({ bounceable: false })}`);

  const body = claimBody({ owner, deploy: before.data === null, proof });
  const contracts = [
    { name: "distributor", address: distributor.address },
    { name: "account", address: before.account.address },
  ];
  const value = await valueOf(context, distributor, before);
  if (!(await deliver(context, { to: distributor.address, value, body, contracts }))) return;
  const paid = ((await readAccount(context, at)).data?.claimed ?? 0n) - claimed;
  context.say(`Paid       ${coins(paid)}`);
  if (paid < due)
    context.say(`${coins(due - paid)} is still yours: the payout bucket refills with time, claim again then.`);
}

/** The value to attach, nano units. @throws when the endpoint asks for more than any claim can need. */
async function valueOf(
  { client }: CliContext,
  distributor: RewardDistributor,
  { data }: AccountSnapshot,
): Promise<bigint> {
  const gas = await client.open(distributor).getClaimValue({ deploy: data === null });
  const needed = gas + (data?.storageDue ?? 0n);
  if (needed > CLAIM_VALUE_MAX)
    throw new Error(`The endpoint says a claim needs ${coins(needed)}, far more than it can: pass another --endpoint.`);
  return needed + ATTACHED;
}

/** The distributor that the file names. @throws when it is another network's, or not the one of the command line. */
export function distributorOf({ settings }: CliContext, facts: TreeFacts): RewardDistributor {
  if (facts.network !== settings.networkId)
    throw new Error(
      `The file is for network ${facts.network}, the endpoint for ${settings.networkId}: pass another --endpoint, or --network-id=${facts.network} if the endpoint serves that network.`,
    );
  const address = Address.parseRaw(facts.distributor);
  if (settings.distributor && !settings.distributor.equals(address))
    throw new Error(
      `The file is for the distributor ${address.toString()}, not for --distributor: get the right file.`,
    );
  return new RewardDistributor(address);
}

/**
 * Checks that the chain knows the file's root. A pending root whose delay is over is activated, which anybody may do; false when
 * that message was only printed. @throws when the root is unknown, or its delay is not over.
 */
async function activateIfRipe(context: CliContext, distributor: RewardDistributor, facts: TreeFacts): Promise<boolean> {
  const { address } = distributor;
  const nowS = await assertKnown(context, "RewardDistributor", address);
  const data = await context.client.open(distributor).getData();
  const findings = compareEpoch(facts, { ...data, address: address.toRawString() });
  for (const { holds, statement } of findings) context.say(`${holds ? "yes" : "NO "}        ${statement}`);
  const known = rootOf(facts);
  if (known === data.root || known === data.previousRoot) return true;
  if (!isPending(data, known))
    throw new Error(
      "The distributor does not know this file's root and pays nothing for it: get the newest leaf file.",
    );
  if (data.pending.activeAt > nowS)
    throw new Error(`This epoch opens on ${when(data.pending.activeAt, nowS)}: claim then.`);
  context.say("This epoch is ripe and nobody has opened it: opening it.");
  const contracts = [{ name: "distributor", address }];
  const opened = await deliver(context, { to: address, value: ATTACHED, body: plainBody("ActivateRoot"), contracts });
  if (!opened) context.say("Claim when that message was sent.");
  return opened;
}

const rootOf = ({ root }: TreeFacts): bigint => BigInt(`0x${Buffer.from(root).toString("hex")}`);

function isPending(data: DistributorData, root: bigint): data is DistributorData & { pending: object } {
  return data.pending?.root === root;
}
