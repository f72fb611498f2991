import { toNano } from "@ton/core";
import type { SendMessageResult } from "@ton/sandbox";
import { ContributorAccountTerms as Terms } from "../wrappers/contributor-account-codes.ts";
import { relayCancelSlashBody, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { DAY, deepTree, PLENTY, RewardWorld } from "../tests/test-rewards.ts";
import { gasRow } from "./gas-row.ts";
import type { GasRow } from "./gas-row.ts";

/** Forks on the path to a leaf: the average of a tree with a million leaves (`npm run bench -- merkle`). */
const MILLION_DEEP = 20;

/** What each message of the reward contracts costs at the prices of June 2026. */
export async function measureRewards(): Promise<GasRow[]> {
  const world = await RewardWorld.open();
  const { distributor, publisher, stranger } = world;
  const [alice, bob] = [await world.contributor("alice"), await world.contributor("bob")];
  const wallets = [publisher, world.guardian, stranger, alice.wallet, bob.wallet].map(({ address }) => address);
  const rows: GasRow[] = [];
  const measure = async (contract: string, message: string, feeMax: string, sending: Promise<SendMessageResult>) =>
    void rows.push(gasRow({ contract, message, feeMax: toNano(feeMax) }, (await sending).transactions, wallets));
  const relay = (by: typeof publisher, body: ReturnType<typeof relaySlashBody>) =>
    by.send({ to: distributor.address, value: PLENTY, body });

  const stake = { value: toNano(11), amount: toNano(10) };
  const owner = alice.wallet.getSender();
  await measure("ContributorAccount", "Stake, deploying", "0.0015", alice.account.sendStake(owner, stake));
  const tree = deepTree(alice.address, toNano(5), MILLION_DEEP);
  await measure("RewardDistributor", "ProposeRoot", "0.00051", world.propose(tree));
  world.chain.advance(DAY);
  const activation = distributor.sendActivateRoot(stranger.getSender(), PLENTY);
  await measure("RewardDistributor", "ActivateRoot", "0.00049", activation);
  world.tree = tree;
  await measure("RewardDistributor", "Claim at 1,000,000 leaves", "0.0025", world.claim(alice));
  await world.publish(deepTree(alice.address, toNano(6), MILLION_DEEP));
  await measure("RewardDistributor", "the same, sponsored", "0.0027", world.claim(alice, { by: stranger }));
  await world.publish(deepTree(bob.address, toNano(7), MILLION_DEEP));
  await measure("RewardDistributor", "the same, deploying", "0.0035", world.claim(bob, { deploy: true }));
  const slash = { owner: alice.address, amount: toNano(1), reason: 1n };
  await measure("ContributorAccount", "ProposeSlash, relayed", "0.0012", relay(publisher, relaySlashBody(slash)));
  const cancel = relay(world.guardian, relayCancelSlashBody(alice.address));
  await measure("ContributorAccount", "CancelSlash, relayed", "0.0012", cancel);
  world.chain.advance(Terms.COOL_DOWN_SECONDS + DAY);
  await relay(publisher, relaySlashBody(slash));
  world.chain.advance(Terms.APPEAL_SECONDS);
  const execution = alice.account.sendExecuteSlash(stranger.getSender(), PLENTY);
  await measure("ContributorAccount", "ExecuteSlash", "0.0009", execution);
  const unbond = { value: PLENTY, amount: toNano(2) };
  await measure("ContributorAccount", "RequestUnbond", "0.0006", alice.account.sendRequestUnbond(owner, unbond));
  world.chain.advance(Terms.UNBOND_SECONDS);
  await measure("ContributorAccount", "WithdrawUnbonded", "0.0006", alice.account.sendWithdraw(owner, PLENTY));
  return rows;
}
