import { toNano } from "@ton/core";
import type { Address, Cell, Message } from "@ton/core";
import { internal } from "@ton/sandbox";
import type { BlockchainTransaction } from "@ton/sandbox";
import { ContributorAccountOp } from "../../wrappers/contributor-account-codes.ts";
import { RewardDistributorOp } from "../../wrappers/reward-distributor-codes.ts";
import { DAY, RewardWorld, rootOf, treeOf } from "../test-rewards.ts";
import type { Contributor } from "../test-rewards.ts";
import { AccountModel } from "./account-model.ts";
import { contractEvent, leftAt } from "./contract-event.ts";
import { DistributorModel } from "./distributor-model.ts";
import { must } from "./part.ts";
import type { Dice, Part, Play } from "./part.ts";
import { RewardActs } from "./reward-acts.ts";
import type { Published, Stage } from "./reward-acts.ts";

const EPOCH_CAP = toNano(400);

/**
 * Three contributors, honest and impatient, a publisher whose key a thief has too, an heir to its office, a guardian and a treasury: epochs
 * and wrong roots, claims of every age, slashes, freezes, revocations and successions, in every order. With `years`, decades pass as well.
 */
const rewards =
  ({ years }: { years: boolean }): Part =>
  async (chain) => {
    const world = await RewardWorld.on(chain, { pool: toNano(20_000), epochCap: EPOCH_CAP });
    const people: Contributor[] = [];
    for (const name of ["ann", "ben", "cyn", "dan"]) people.push(await world.contributor(name));
    const heir = await world.contributor("heir");

    // The first epoch is claimable when a sequence begins, by two who have staked and two whose accounts are still to be deployed.
    for (const { wallet, account } of people.slice(0, 2))
      await account.sendStake(wallet.getSender(), { value: toNano(11), amount: toNano(10) });
    const leaves = people.map((_, person) => (person === 3 ? 0n : toNano(50)));
    await world.publish(treeOf(people.slice(0, 3).map(({ address }, person) => [address, leaves[person]!])));
    const first = { tree: world.tree!, leaves };
    const data = await world.distributor.getData();

    return () => new RewardsPlay({ chain, world, people, heir: heir.wallet, years }, first, data);
  };

export const rewardsPart = rewards({ years: false });
export const agedRewardsPart = rewards({ years: true });

/** One sequence: its own books of who was paid what and how much rent was charged. */
class RewardsPlay implements Play {
  readonly #stage: Stage;
  readonly #acts: RewardActs;
  readonly #model: DistributorModel;
  readonly #accounts: AccountModel[];
  readonly #published: Published[];
  readonly #paid: bigint[];
  readonly #spare: bigint[];
  readonly #rent: bigint[];
  readonly #messagePrice: bigint;
  #inFlight = 0;

  constructor(stage: Stage, first: Published, data: ConstructorParameters<typeof DistributorModel>[0]["data"]) {
    this.#stage = stage;
    this.#published = [first];
    this.#messagePrice = stage.chain.messagePrice;
    this.#acts = new RewardActs(stage, this.#published);
    const { publisher, guardian, treasury, refunds } = stage.world;
    const [by, guard, keep] = [publisher, guardian, treasury].map(({ address }) => address.toRawString());
    const roles = { publisher: by!, guardian: guard!, treasury: keep! };
    this.#model = new DistributorModel({ data, roles, epochSeconds: DAY, delaySeconds: DAY });
    this.#accounts = stage.people.map(
      (_, person) => new AccountModel({ staked: person < 2 ? toNano(10) : 0n, refunds: refunds.address }),
    );
    [this.#paid, this.#spare, this.#rent] = [0, 1, 2].map(() => stage.people.map(() => 0n)) as [
      bigint[],
      bigint[],
      bigint[],
    ];
  }

  async act(dice: Dice): Promise<Message | null> {
    const sent = await this.#acts.next(dice, { quiet: this.#inFlight === 0 });
    return sent && this.#message(sent);
  }

  watch(transaction: BlockchainTransaction): void {
    this.#inFlight += transaction.outMessages.values().filter(({ info }) => info.type === "internal").length;
    if (transaction.parent) this.#inFlight -= 1;
    this.#watchDistributor(transaction);
    for (const [person, { account }] of this.#stage.people.entries())
      this.#watchAccount(transaction, person, account.address);
  }

  async settle(): Promise<void> {
    const { world, people, chain } = this.#stage;
    const data = await world.distributor.getData();
    this.#model.settle(data);
    must(data.totalPaid <= data.totalCum, "no more is paid than was published");
    must(data.totalPaid === this.#paid.reduce((sum, amount) => sum + amount, 0n), "what was paid is counted");
    for (const [person, { account }] of people.entries()) {
      if ((await chain.getContract(account.address)).accountState?.type !== "active") continue;
      const { claimed, stake, unbonding, disputed } = await account.getData();
      must(claimed === this.#paid[person], "what was paid is claimed, also after bounces");
      must(disputed <= stake + unbonding, "no more is disputed than is there");
      const there = (await chain.balanceOf(account.address)) + this.#rent[person]!;
      must(there >= stake + unbonding, "a stake is there to the nano unit but for rent");
    }
  }

  #message({ to, from, value, body }: { to: Address; from: Address; value: bigint; body: Cell }): Message {
    return internal({ from, to, value, body });
  }

  #watchDistributor(transaction: BlockchainTransaction): void {
    const { world, people } = this.#stage;
    const there = contractEvent(transaction, world.distributor.address);
    if (!there) return;
    if (there.op === RewardDistributorOp.ChallengeDecrease) this.#mustLower(there.body.clone().skip(64).loadBuffer(32));
    let amount = 0n;
    if (there.op === RewardDistributorOp.PayOut) {
      const body = there.body.clone().skip(64);
      body.loadMaybeRef();
      amount = body.loadCoins();
      const owner = body.loadBuffer(32);
      const person = people.findIndex(({ address }) => address.hash.equals(owner));
      this.#paid[person]! += amount;
      must(this.#paid[person]! <= this.#largestLeaf(person), "nobody is paid more than a leaf says");
      must(there.lost === amount, `the pool loses what it pays and no gas: ${there.lost} for ${amount}`);
    } else must(there.lost <= 0n, `the pool pays for nothing else, and lost ${there.lost}`);
    this.#model.accept(there, amount);
  }

  #watchAccount(transaction: BlockchainTransaction, person: number, address: Address): void {
    const { description, inMessage } = transaction;
    if (description.type === "generic" && inMessage?.info.dest?.toString() === address.toString())
      this.#rent[person]! += description.storagePhase?.storageFeesCollected ?? 0n;
    const here = contractEvent(transaction, address);
    const byOwner = here?.op === ContributorAccountOp.Stake || here?.op === ContributorAccountOp.RequestUnbond;
    // What earlier messages left above the stake and its reserve is refunded with the owner's next message, and nothing else is.
    if (byOwner) must(here.lost <= this.#spare[person]!, `a stake pays no gas, and lost ${here.lost}`);
    // An owner's message refunds all of that, except where it is less than a refund costs.
    if (byOwner) this.#spare[person] = here.sent.length > 0 ? 0n : this.#messagePrice;
    else if (here?.op === ContributorAccountOp.WithdrawUnbonded) this.#spare[person] = 0n;
    else this.#spare[person]! += leftAt(transaction, address);
    if (!here) return;
    if (here.op === ContributorAccountOp.ExecuteSlash)
      must(here.lost <= here.sent[0]!.value, "a slash takes what it sends on and no gas");
    else if (here.sender.equals(this.#stage.world.distributor.address))
      must(here.lost <= 0n, `a stake pays nothing for others, and lost ${here.lost}`);
    this.#accounts[person]!.accept(here);
  }

  #largestLeaf(person: number): bigint {
    return this.#published.reduce((most, { leaves }) => (leaves[person]! > most ? leaves[person]! : most), 0n);
  }

  #mustLower(owner: Buffer): void {
    const person = this.#stage.people.findIndex(({ address }) => address.hash.equals(owner));
    const leafOf = (root: bigint | null) =>
      this.#published.find(({ tree }) => rootOf(tree) === root)?.leaves[person] ?? 0n;
    const lowered = leafOf(this.#model.currentRoot) > leafOf(this.#model.pendingRoot);
    must(lowered, "only a root that lowers a leaf can be challenged");
  }
}
