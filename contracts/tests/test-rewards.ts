/** A small world of contributors: a distributor with its roles on a fresh chain, and the few steps every test of it begins with. */
import { createHash } from "node:crypto";
import { toNano } from "@ton/core";
import type { Address, Cell, TransactionComputePhase } from "@ton/core";
import type { BlockchainTransaction, SandboxContract, TreasuryContract } from "@ton/sandbox";
import type { Prices } from "../chain-config/network-config.ts";
import { ContributorAccount } from "../wrappers/ContributorAccount.ts";
import { ContributorAccountError, ContributorAccountOp } from "../wrappers/contributor-account-codes.ts";
import { RewardTree } from "../wrappers/merkle.ts";
import { plainBody, RewardDistributor, rootOrderBody } from "../wrappers/RewardDistributor.ts";
import type { DistributorData, DistributorTerms, PlainMessage, RootOrder } from "../wrappers/RewardDistributor.ts";
import {
  RewardDistributorError,
  RewardDistributorOp,
  RewardDistributorTerms as Terms,
} from "../wrappers/reward-distributor-codes.ts";
import { TestChain } from "./test-chain.ts";

export const DAY = 86_400;
export const EPOCH_CAP = toNano(1000);
/** More than any message of these tests can use, at either price list; the unused part is refunded. */
export const PLENTY = toNano("0.5");

type Treasury = SandboxContract<TreasuryContract>;

interface WorldOptions {
  pool?: bigint;
  slashesPerDay?: number;
  epochCap?: bigint;
  epochSeconds?: number;
  delaySeconds?: number;
}

const ROLES = ["publisher", "guardian", "treasury", "refunds", "stranger"] as const;
type Role = (typeof ROLES)[number];

const addressesOf = (roles: Record<Role, Treasury>) =>
  Object.fromEntries(ROLES.map((role) => [role, roles[role].address])) as Record<Role, Address>;

export class RewardWorld {
  readonly chain: TestChain;
  readonly publisher: Treasury;
  readonly guardian: Treasury;
  readonly treasury: Treasury;
  readonly refunds: Treasury;
  readonly stranger: Treasury;
  readonly distributor: SandboxContract<RewardDistributor>;
  tree: RewardTree | null = null;
  readonly #names = new Map<string, string>();

  constructor(chain: TestChain, roles: Record<Role, Treasury>, terms: Omit<DistributorTerms, Role>) {
    this.chain = chain;
    this.publisher = roles.publisher;
    this.guardian = roles.guardian;
    this.treasury = roles.treasury;
    this.refunds = roles.refunds;
    this.stranger = roles.stranger;
    const { publisher, guardian, treasury, refunds } = addressesOf(roles);
    this.distributor = chain.openContract(
      RewardDistributor.fromTerms({ ...terms, publisher, guardian, treasury, refunds }),
    );
    for (const name of [...ROLES, "distributor"] as const) this.#names.set(this[name].address.toRawString(), name);
  }

  /** A fresh chain with a distributor whose pool holds `pool` nano units. */
  static async open({ prices = "june-2026", ...rest }: { prices?: Prices } & WorldOptions = {}): Promise<RewardWorld> {
    return RewardWorld.on(await TestChain.open({ prices }), rest);
  }

  /** The same on an existing chain. */
  static async on(
    chain: TestChain,
    {
      pool = toNano(5000),
      slashesPerDay = 5,
      epochCap = EPOCH_CAP,
      epochSeconds = DAY,
      delaySeconds = DAY,
    }: WorldOptions = {},
  ) {
    const roles = {} as Record<Role, Treasury>;
    for (const role of ROLES) roles[role] = await chain.treasury(role);
    const world = new RewardWorld(chain, roles, { epochCap, epochSeconds, delaySeconds, slashesPerDay });
    if (pool > 0n) await world.distributor.sendFund(roles.stranger.getSender(), pool);
    return world;
  }

  async contributor(name: string): Promise<Contributor> {
    const wallet = await this.chain.treasury(name);
    const account = new ContributorAccount({ owner: wallet.address, distributor: this.distributor.address });
    this.#names.set(wallet.address.toRawString(), name);
    this.#names.set(account.address.toRawString(), `${name}'s account`);
    return { wallet, address: wallet.address, account: this.chain.openContract(account) };
  }

  /** Proposes and activates a tree as the next epoch. The total may be stated higher than the leaves. */
  async publish(tree: RewardTree, totalCum = tree.total): Promise<void> {
    await this.propose(tree, totalCum);
    this.chain.advance(DAY);
    await this.distributor.sendActivateRoot(this.stranger.getSender(), PLENTY);
    this.tree = tree;
  }

  async propose(tree: RewardTree, totalCum = tree.total) {
    const { epoch } = await this.distributor.getData();
    return this.distributor.sendProposeRoot(this.publisher.getSender(), {
      value: PLENTY,
      epoch: epoch + 1,
      root: rootOf(tree),
      totalCum,
      dataHash: 0xda7an,
    });
  }

  /** Claims for an owner with the current tree's proof; by default the owner sends the claim. */
  async claim(owner: Contributor, input: { deploy?: boolean; proof?: Cell; value?: bigint; by?: Treasury } = {}) {
    const { deploy = false, value = PLENTY, by = owner.wallet } = input;
    const proof = input.proof ?? this.tree!.proof(owner.address.hash);
    return this.distributor.sendClaim(by.getSender(), { owner: owner.address, deploy, proof, value });
  }

  /** Messages between contracts, one line each: "alice → distributor: Claim", with the exit code's name if it failed. */
  story(transactions: readonly BlockchainTransaction[]): string[] {
    return transactions.flatMap(({ inMessage, description }) => {
      if (inMessage?.info.type !== "internal" || description.type !== "generic") return [];
      const { src, dest, bounced, bounce } = inMessage.info;
      const compute = description.computePhase;
      const fault = faultOf(compute, bounce);
      const action =
        description.actionPhase && !description.actionPhase.success
          ? `✗ action ${description.actionPhase.resultCode}`
          : "";
      const what = bounced ? "bounce" : opName(inMessage.body);
      return [`${this.#name(src)} → ${this.#name(dest)}: ${what} ${fault}${action}`.trim()];
    });
  }

  #name(address: Address): string {
    return this.#names.get(address.toRawString()) ?? "nobody";
  }

  /** A role, or anybody, sends a body to the distributor. */
  async send(by: Treasury, body: Cell) {
    return this.story((await by.send({ to: this.distributor.address, value: PLENTY, body })).transactions);
  }

  /** Ends a freeze and waits until payouts go out again. */
  async unfreeze() {
    await this.guardianSends("Unfreeze");
    this.chain.advance(Terms.UNFREEZE_SECONDS);
  }

  async guardianSends(message: PlainMessage | RootOrder) {
    const body = guardiansBody(message, await this.distributor.getData());
    return this.guardian.send({ to: this.distributor.address, value: PLENTY, body });
  }
}

/** The guardian's order; one about a root names the root it is about now. */
export function guardiansBody(
  message: PlainMessage | RootOrder,
  { root, pending }: Pick<DistributorData, "root" | "pending">,
): Cell {
  if (message === "RevokeRoot") return rootOrderBody(message, root);
  if (message === "EndorseRoot") return rootOrderBody(message, pending?.root ?? 0n);
  return plainBody(message);
}

/** Storage fees an account paid in these transactions, nano units. */
export function storagePaid(transactions: readonly BlockchainTransaction[], account: Address): bigint {
  return transactions.reduce((sum, { address, description }) => {
    const mine = address === BigInt(`0x${account.hash.toString("hex")}`) && description.type === "generic";
    return mine ? sum + (description.storagePhase?.storageFeesCollected ?? 0n) : sum;
  }, 0n);
}

const OPS = new Map<number, string>(
  [...Object.entries(ContributorAccountOp), ...Object.entries(RewardDistributorOp)].map(([name, op]) => [op, name]),
).set(0xd53276db, "excess");

const ERRORS = new Map<number, string>(
  [...Object.entries(ContributorAccountError), ...Object.entries(RewardDistributorError)].map(([name, code]) => [
    code,
    name,
  ]),
);

function opName(body: Cell): string {
  if (body.bits.length < 32) return "money";
  const op = body.beginParse().loadUint(32);
  return OPS.get(op) ?? `0x${op.toString(16)}`;
}

/** Empty also for a skipped message without bounce: sending money to an undeployed address is no fault. */
function faultOf(compute: TransactionComputePhase, bounce: boolean): string {
  if (compute.type === "skipped") return bounce ? `✗ ${compute.reason}` : "";
  return compute.exitCode === 0 ? "" : `✗ ${errorName(compute.exitCode)}`;
}

const errorName = (code: number): string => ERRORS.get(code) ?? `exit ${code}`;

export interface Contributor {
  wallet: Treasury;
  address: Address;
  account: SandboxContract<ContributorAccount>;
}

/** A tree of these owners' amounts. */
export function treeOf(leaves: readonly (readonly [Address | Buffer, bigint])[]): RewardTree {
  const sorted = leaves
    .map(([owner, amount]) => ({ key: Buffer.isBuffer(owner) ? owner : owner.hash, amount }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  return new RewardTree(
    { keys: Buffer.concat(sorted.map(({ key }) => key)), amounts: BigUint64Array.from(sorted, ({ amount }) => amount) },
    (bytes) => createHash("sha256").update(bytes).digest(),
  );
}

/**
 * A tree in which the path to `owner` forks `depth` times, by one neighbour that leaves it at each bit. A proof depends on the forks
 * of its path only, so this stands in for a tree of a million leaves.
 */
export function deepTree(owner: Address, amount: bigint, depth: number): RewardTree {
  const neighbours = Array.from({ length: depth }, (_, bit) => {
    const key = Buffer.from(owner.hash);
    key[bit >> 3]! ^= 0x80 >> (bit & 7);
    return [key, 1n] as const;
  });
  return treeOf([[owner, amount], ...neighbours]);
}

export const rootOf = (tree: RewardTree): bigint => BigInt(`0x${Buffer.from(tree.root).toString("hex")}`);
