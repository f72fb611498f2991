import { toNano } from "@ton/core";
import type { Address, Cell } from "@ton/core";
import {
  executeSlashBody,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../../wrappers/ContributorAccount.ts";
import { ContributorAccountTerms as Account } from "../../wrappers/contributor-account-codes.ts";
import type { RewardTree } from "../../wrappers/merkle.ts";
import { RewardDistributorTerms as Distributor } from "../../wrappers/reward-distributor-codes.ts";
import {
  acceptCapBody,
  challengeDecreaseBody,
  claimBody,
  namePublisherBody,
  plainBody,
  proposeCapBody,
  proposeRootBody,
  relayCancelSlashBody,
  relaySlashBody,
} from "../../wrappers/RewardDistributor.ts";
import type { TestChain } from "../test-chain.ts";
import { DAY, guardiansBody, PLENTY, rootOf, treeOf } from "../test-rewards.ts";
import type { Contributor, RewardWorld } from "../test-rewards.ts";
import type { Dice } from "./part.ts";

const YEAR = 365 * DAY;
/** As much time as one sequence may spend. */
const YEARS_MAX = 40;

/** What all sequences of one part share. */
export interface Stage {
  chain: TestChain;
  world: RewardWorld;
  /** The last one is the thief. */
  people: readonly Contributor[];
  /** Can be named publisher. */
  heir: RewardWorld["publisher"];
  /** Whether decades pass. */
  years: boolean;
}

/** A tree that was proposed, and the leaf of each of the people in it. */
export interface Published {
  tree: RewardTree;
  leaves: readonly bigint[];
}

interface Sent {
  to: Address;
  from: Address;
  value: bigint;
  body: Cell;
}

/** What people send in one sequence: mostly sensible, sometimes by the wrong sender or with too little value. */
export class RewardActs {
  readonly #stage: Stage;
  readonly #published: Published[];
  #yearsLeft = YEARS_MAX;

  constructor(stage: Stage, published: Published[]) {
    this.#stage = stage;
    this.#published = published;
  }

  /** The next message, or null where time passes. Years pass only while nothing is in flight: no message travels that long. */
  async next(dice: Dice, { quiet }: { quiet: boolean }): Promise<Sent | null> {
    const acts = [
      () => this.#claim(dice),
      () => this.#publish(dice),
      () => this.#stake(dice),
      () => this.#unbond(dice),
      () => this.#slash(dice),
      () => this.#guard(dice),
      () => this.#succeed(dice),
      () => this.#wait(dice, quiet),
    ];
    return acts[dice.pick([0, 0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 7])]!();
  }

  /** Now and then a stranger tries it in the place of whom it takes. */
  #to(to: Address, usual: Address, body: Cell, dice: Dice, more = 0n): Sent {
    const value = (dice.seldom(6) ? dice.amount(toNano("0.005")) : PLENTY) + more;
    const from = dice.seldom(6) ? this.#stage.world.stranger.address : usual;
    return { to, from, value, body };
  }

  #toDistributor(usual: Address, body: Cell, dice: Dice): Sent {
    return this.#to(this.#stage.world.distributor.address, usual, body, dice);
  }

  async #claim(dice: Dice): Promise<Sent> {
    const { world, chain, people } = this.#stage;
    const one = people[dice.number(people.length)]!;
    const { root } = await world.distributor.getData();
    const current = this.#published.find(({ tree }) => rootOf(tree) === root);
    const chosen = dice.seldom(3) ? this.#published.at(-1 - dice.number(3)) : current;
    const { tree } = chosen ?? this.#published[0]!;
    const exists = (await chain.getContract(one.account.address)).accountState?.type === "active";
    const deploy = dice.seldom(6) ? exists : !exists;
    const body = claimBody({ owner: one.address, deploy, proof: tree.proof(one.address.hash) });
    const sent = this.#toDistributor(one.address, body, dice);
    if (!dice.seldom(2)) return sent;
    const due = exists ? await one.account.getStorageDue() : 0n;
    return { ...sent, value: (await world.distributor.getClaimValue({ deploy })) + due };
  }

  async #publish(dice: Dice): Promise<Sent> {
    const { world, chain, people } = this.#stage;
    const data = await world.distributor.getData();
    const publisher = data.publisher ?? world.publisher.address;
    if (!data.pending) return this.#toDistributor(publisher, await this.#root(dice), dice);
    const current = this.#published.find(({ tree }) => rootOf(tree) === data.root);
    const pending = this.#published.find(({ tree }) => rootOf(tree) === data.pending!.root);
    if (dice.seldom(3) && current && pending) {
      const lowered = people.find((_, person) => current.leaves[person]! > pending.leaves[person]!);
      const { address } = lowered ?? people[0]!;
      const [currentProof, pendingProof] = [current.tree.proof(address.hash), pending.tree.proof(address.hash)];
      const body = challengeDecreaseBody({ owner: address, currentProof, pendingProof });
      return this.#toDistributor(address, body, dice);
    }
    if (!dice.seldom(4)) chain.advance(Math.max(DAY, data.endorsed ? data.pending.activeAt - chain.time : 0));
    return this.#toDistributor(world.stranger.address, plainBody("ActivateRoot"), dice);
  }

  /** The next epoch after the current root. A stolen one raises the thief's leaf above the cap; some lower somebody's leaf. */
  async #root(dice: Dice): Promise<Cell> {
    const { world, people } = this.#stage;
    const { epoch, root, totalCum, epochCap } = await world.distributor.getData();
    const before = this.#published.find(({ tree }) => rootOf(tree) === root)?.leaves ?? this.#published[0]!.leaves;
    const thief = people.length - 1;
    const stolen = dice.seldom(4) ? 20n * epochCap : 0n;
    const leaves = before.map((leaf, person) => (person === thief ? leaf + stolen : leaf + dice.amount(epochCap / 3n)));
    if (dice.seldom(4)) leaves[dice.number(thief)] = 1n;
    const tree = treeOf(
      people.flatMap(({ address }, person) => (leaves[person]! > 0n ? [[address, leaves[person]!] as const] : [])),
    );
    this.#published.push({ tree, leaves });
    const added = tree.total - before.reduce((sum, leaf) => sum + leaf, 0n);
    const total = totalCum + (stolen > 0n || added < 0n ? epochCap : added);
    return proposeRootBody({ epoch: epoch + 1, root: rootOf(tree), totalCum: total, dataHash: 0n });
  }

  #stake(dice: Dice): Sent {
    const one = this.#staker(dice);
    const amount = dice.amount(toNano(20));
    return this.#to(one.account.address, one.address, stakeBody(amount), dice, dice.seldom(4) ? 0n : amount);
  }

  #unbond(dice: Dice): Sent {
    const { account, address } = this.#staker(dice);
    if (dice.seldom(2)) return this.#to(account.address, address, requestUnbondBody(dice.amount(toNano(10))), dice);
    if (!dice.seldom(3)) this.#stage.chain.advance(Account.UNBOND_SECONDS);
    return this.#to(account.address, address, withdrawUnbondedBody(), dice);
  }

  async #slash(dice: Dice): Promise<Sent> {
    const { world, chain } = this.#stage;
    const { account, address } = this.#staker(dice);
    const kind = dice.pick(["propose", "propose", "execute", "execute", "cancel"]);
    const slash = relaySlashBody({ owner: address, amount: dice.amount(toNano(4)), reason: 1n });
    const { publisher } = await world.distributor.getData();
    if (kind === "propose") return this.#toDistributor(publisher ?? world.publisher.address, slash, dice);
    if (kind === "cancel") return this.#toDistributor(world.guardian.address, relayCancelSlashBody(address), dice);
    if (!dice.seldom(3)) chain.advance(Account.APPEAL_SECONDS);
    return this.#to(account.address, world.stranger.address, executeSlashBody(), dice);
  }

  async #guard(dice: Dice): Promise<Sent> {
    const { world, chain } = this.#stage;
    const { frozenUntil, root, pending } = await world.distributor.getData();
    const message =
      frozenUntil > chain.time
        ? dice.pick(["RevokeRoot", "Unfreeze", "Unfreeze"] as const)
        : dice.pick(["Freeze", "Freeze", "VetoRoot", "EndorseRoot"] as const);
    return this.#toDistributor(world.guardian.address, guardiansBody(message, { root, pending }), dice);
  }

  /** Another publisher, and another cap. */
  async #succeed(dice: Dice): Promise<Sent> {
    const { world, chain, heir } = this.#stage;
    const { publisher, guardian, treasury, stranger } = world;
    const data = await world.distributor.getData();
    const next = dice.pick([publisher, heir]).address;
    const cap = dice.pick([toNano(100), toNano(400), toNano(600)]);
    if (dice.seldom(2) && data.nextPublisher) {
      if (!dice.seldom(3)) chain.advance(Distributor.PUBLISHER_DELAY);
      if (dice.seldom(4)) return this.#toDistributor(treasury.address, plainBody("RejectPublisher"), dice);
      return this.#toDistributor(data.nextPublisher, plainBody("AcceptPublisher"), dice);
    }
    if (data.capChange?.from && !dice.seldom(3)) {
      chain.advance(Distributor.CAP_DELAY);
      return this.#toDistributor(stranger.address, plainBody("ApplyCap"), dice);
    }
    if (data.capChange && !dice.seldom(3))
      return this.#toDistributor(guardian.address, acceptCapBody(data.capChange.epochCap), dice);
    if (dice.seldom(2)) return this.#toDistributor(data.publisher ?? publisher.address, proposeCapBody(cap), dice);
    const name = namePublisherBody({ publisher: next, dismiss: dice.seldom(2) });
    return this.#toDistributor(guardian.address, name, dice);
  }

  #wait(dice: Dice, quiet: boolean): null {
    const { chain, years } = this.#stage;
    const most = years && quiet ? Math.min(10, this.#yearsLeft) : 0;
    if (most > 0) {
      const passed = 1 + dice.number(most);
      this.#yearsLeft -= passed;
      chain.advance(passed * YEAR);
    } else chain.advance(dice.pick([60, 600, DAY, DAY, Account.UNBOND_SECONDS]));
    return null;
  }

  /** One of the two who have staked, or anybody. */
  #staker(dice: Dice): Stage["people"][number] {
    const { people } = this.#stage;
    return people[dice.pick([0, 1, dice.number(people.length)])]!;
  }
}
