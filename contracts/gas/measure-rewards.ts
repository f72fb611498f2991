import { toNano } from "@ton/core";
import type { Cell } from "@ton/core";
import type { SendMessageResult } from "@ton/sandbox";
import { ContributorAccountTerms as Account } from "../wrappers/contributor-account-codes.ts";
import { RewardDistributorTerms as Distributor } from "../wrappers/reward-distributor-codes.ts";
import {
  acceptCapBody,
  challengeDecreaseBody,
  fundPoolBody,
  nameGuardianBody,
  namePublisherBody,
  plainBody,
  proposeCapBody,
  relayCancelSlashBody,
  relaySlashBody,
} from "../wrappers/RewardDistributor.ts";
import { DAY, deepTree, EPOCH_CAP, guardiansBody, PLENTY, RewardWorld, rootOf } from "../tests/test-rewards.ts";
import type { Contributor } from "../tests/test-rewards.ts";
import { gasRow } from "./gas-row.ts";
import type { GasRow } from "./gas-row.ts";

/** Forks on the path to a leaf: the average of a tree with a million leaves (`npm run bench -- merkle`). */
export const MILLION_DEEP = 20;

type Sender = RewardWorld["publisher"];

/** A world whose messages are measured: two contributors, and an heir to every office. */
class Measured {
  readonly world: RewardWorld;
  readonly people: Record<"alice" | "bob" | "heir", Contributor>;
  readonly rows: GasRow[] = [];

  constructor(world: RewardWorld, people: Measured["people"]) {
    this.world = world;
    this.people = people;
  }

  static async open(): Promise<Measured> {
    const world = await RewardWorld.open();
    const [alice, bob, heir] = [
      await world.contributor("alice"),
      await world.contributor("bob"),
      await world.contributor("heir"),
    ];
    return new Measured(world, { alice, bob, heir });
  }

  /** Waits, and has the rent of the wait paid: it is no message's cost. */
  async wait(seconds: number): Promise<void> {
    this.world.chain.advance(seconds);
    for (const { address } of [this.world.distributor, this.people.alice.account])
      await this.world.stranger.send({ to: address, value: PLENTY });
  }

  /** @throws when the contract refuses the message: a refusal costs less. */
  async row(contract: string, message: string, feeMax: string, sending: Promise<SendMessageResult>): Promise<void> {
    const { transactions } = await sending;
    const story = this.world.story(transactions);
    if (story.some((line) => line.includes("✗"))) throw new Error(`${message}: ${story.join(", ")}`);
    const { publisher, guardian, treasury, refunds, stranger } = this.world;
    const roles = [publisher, guardian, treasury, refunds, stranger];
    const wallets = [...roles, ...Object.values(this.people).map(({ wallet }) => wallet)].map(({ address }) => address);
    this.rows.push(gasRow({ contract, message, feeMax: toNano(feeMax) }, transactions, wallets));
  }

  /** A message to the distributor. */
  async measure(message: string, feeMax: string, by: Sender, body: Cell, contract = "RewardDistributor") {
    await this.row(contract, message, feeMax, this.#send(by, body));
  }

  async #send(by: Sender, body: Cell): Promise<SendMessageResult> {
    return by.send({ to: this.world.distributor.address, value: PLENTY, body });
  }
}

/** What each message of the reward contracts costs at the prices of June 2026. */
export async function measureRewards(): Promise<GasRow[]> {
  const measured = await Measured.open();
  await measureClaims(measured);
  await measureStake(measured);
  await measureGuarding(measured);
  await measureSuccession(measured);
  await measureOldAccount(measured);
  return measured.rows;
}

async function measureClaims(measured: Measured): Promise<void> {
  const { world, people } = measured;
  const { alice, bob } = people;
  const stake = { value: toNano(11), amount: toNano(10) };
  const staking = alice.account.sendStake(alice.wallet.getSender(), stake);
  await measured.row("ContributorAccount", "Stake, deploying", "0.0015", staking);
  const tree = deepTree(alice.address, toNano(5), MILLION_DEEP);
  await measured.row("RewardDistributor", "ProposeRoot", "0.00053", world.propose(tree));
  world.chain.advance(DAY);
  await measured.measure("ActivateRoot", "0.00052", world.stranger, plainBody("ActivateRoot"));
  world.tree = tree;
  const claim = async (message: string, feeMax: string, sending: Promise<SendMessageResult>) =>
    measured.row("RewardDistributor", message, feeMax, sending);
  await claim("Claim at 1,000,000 leaves", "0.0025", world.claim(alice));
  await world.publish(deepTree(alice.address, toNano(6), MILLION_DEEP));
  await claim("the same, sponsored", "0.0027", world.claim(alice, { by: world.stranger }));
  await world.publish(deepTree(bob.address, toNano(7), MILLION_DEEP));
  await claim("the same, deploying", "0.0035", world.claim(bob, { deploy: true }));
  await measured.measure("FundPool", "0.0003", world.stranger, fundPoolBody(PLENTY));
}

async function measureStake(measured: Measured): Promise<void> {
  const { world, people } = measured;
  const { publisher, guardian, stranger } = world;
  const { alice } = people;
  const [at, owner] = ["ContributorAccount", alice.wallet.getSender()];
  const slash = relaySlashBody({ owner: alice.address, amount: toNano(1), reason: 1n });
  await measured.measure("ProposeSlash, relayed", "0.0014", publisher, slash, at);
  await measured.measure("CancelSlash, relayed", "0.0012", guardian, relayCancelSlashBody(alice.address), at);
  await measured.wait(Account.COOL_DOWN_SECONDS + DAY);
  await world.send(publisher, slash);
  await measured.wait(Account.APPEAL_SECONDS);
  const executing = alice.account.sendExecuteSlash(stranger.getSender(), PLENTY);
  await measured.row(at, "ExecuteSlash", "0.001", executing);
  const unbonding = alice.account.sendRequestUnbond(owner, { value: PLENTY, amount: toNano(2) });
  await measured.row(at, "RequestUnbond", "0.0006", unbonding);
  await measured.wait(Account.UNBOND_SECONDS);
  await measured.row(at, "WithdrawUnbonded", "0.0007", alice.account.sendWithdraw(owner, PLENTY));
}

async function measureGuarding(measured: Measured): Promise<void> {
  const { world, people } = measured;
  const { alice, heir } = people;
  const [current, lower] = [8n, 7n].map((amount) => deepTree(alice.address, toNano(amount), MILLION_DEEP));
  await world.publish(current!, toNano(20));
  await world.propose(lower!, toNano(20));
  await measured.wait(0);
  const { hash } = alice.address;
  const proofs = { currentProof: current!.proof(hash), pendingProof: lower!.proof(hash) };
  const challenge = challengeDecreaseBody({ owner: alice.address, ...proofs });
  await measured.measure("ChallengeDecrease at 1,000,000 leaves", "0.0018", heir.wallet, challenge);
  await world.propose(lower!, toNano(20));
  for (const message of ["EndorseRoot", "VetoRoot", "Freeze", "RevokeRoot", "Unfreeze"] as const) {
    const body = guardiansBody(message, await world.distributor.getData());
    await measured.measure(message, "0.0006", world.guardian, body);
  }
}

async function measureSuccession(measured: Measured): Promise<void> {
  const { world, people } = measured;
  const { publisher, guardian, treasury, stranger } = world;
  const { wallet, address } = people.heir;
  await measured.measure("ProposeCap", "0.0007", publisher, proposeCapBody(2n * EPOCH_CAP));
  await measured.measure("AcceptCap", "0.0007", guardian, acceptCapBody(2n * EPOCH_CAP));
  await measured.wait(Distributor.CAP_DELAY);
  await measured.measure("ApplyCap", "0.0007", stranger, plainBody("ApplyCap"));
  const name = namePublisherBody({ publisher: address, dismiss: true });
  await measured.measure("NamePublisher, dismissing", "0.0007", guardian, name);
  await measured.measure("RejectPublisher", "0.0007", treasury, plainBody("RejectPublisher"));
  await world.send(guardian, name);
  await measured.wait(Distributor.PUBLISHER_DELAY);
  await measured.measure("AcceptPublisher", "0.0007", wallet, plainBody("AcceptPublisher"));
  await measured.measure("NameGuardian", "0.0007", guardian, nameGuardianBody(stranger.address));
  await measured.measure("AcceptGuardian", "0.0007", stranger, plainBody("AcceptGuardian"));
}

/** Bob's account has nothing and owes a year's rent, which is in this row: the claim brings it. */
async function measureOldAccount(measured: Measured): Promise<void> {
  const { world, people } = measured;
  const by = people.heir.wallet;
  const tree = deepTree(people.bob.address, toNano(30), MILLION_DEEP);
  world.chain.advance(365 * DAY);
  await measured.wait(0);
  const { epoch } = await world.distributor.getData();
  const root = { value: PLENTY, epoch: epoch + 1, root: rootOf(tree), totalCum: toNano(30), dataHash: 1n };
  await world.distributor.sendProposeRoot(by.getSender(), root);
  await measured.wait(DAY);
  await world.send(world.stranger, plainBody("ActivateRoot"));
  world.tree = tree;
  const claiming = world.claim(people.bob);
  await measured.row("RewardDistributor", "Claim at 1,000,000 leaves, a year's rent owed", "0.0026", claiming);
}
