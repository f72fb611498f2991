import { readFileSync } from "node:fs";
import path from "node:path";
import { beginCell, storeStateInit, toNano } from "@ton/core";
import type { Cell } from "@ton/core";
import type { BlockchainTransaction } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import { ContributorAccountTerms as Terms } from "../wrappers/contributor-account-codes.ts";
import { nameGuardianBody, namePublisherBody, proposeCapBody, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { deepTree, PLENTY, RewardWorld } from "./test-rewards.ts";

describe("the fee floors assume at least what is used", () => {
  const assumed = { ...constants("contributor-account"), ...constants("reward-distributor") };

  test("in cells and bits of a state and of what a claim brings to a new account", async () => {
    const { world, alice } = await slashedAndPending();
    const account = await state(world, alice.account.address);
    expect(account.cells).toBeLessThanOrEqual(assumed["ACCOUNT_CELLS"]!);
    expect(account.bits).toBeLessThanOrEqual(assumed["ACCOUNT_BITS"]!);
    const distributor = await state(world, world.distributor.address);
    expect(distributor.cells).toBeLessThanOrEqual(assumed["DISTRIBUTOR_CELLS"]!);
    expect(distributor.bits).toBeLessThanOrEqual(assumed["DISTRIBUTOR_BITS"]!);
    const init = sizeOf(beginCell().store(storeStateInit(alice.account.init)).endCell());
    expect(init.cells).toBeLessThanOrEqual(assumed["ACCOUNT_INIT_CELLS"]!);
    expect(init.bits).toBeLessThanOrEqual(assumed["ACCOUNT_INIT_BITS"]!);
  });

  test("in gas of every step of a claim and of every message that a stake's owner or a stranger sends", async () => {
    const { world, alice } = await slashedAndPending();
    const claim = await world.claim(alice, { by: world.stranger });
    expect(gasAt(claim.transactions, 1)).toBeLessThanOrEqual(assumed["GAS_CLAIM"]!);
    expect(gasAt(claim.transactions, 2)).toBeLessThanOrEqual(assumed["GAS_ACCRUE"]!);
    expect(gasAt(claim.transactions, 3)).toBeLessThanOrEqual(assumed["GAS_PAY_OUT"]!);
    const via = alice.wallet.getSender();
    const owner = [
      await alice.account.sendStake(via, { value: toNano(4), amount: toNano(3) }),
      await alice.account.sendRequestUnbond(via, { value: PLENTY, amount: toNano(2) }),
    ];
    world.chain.advance(Terms.UNBOND_SECONDS);
    owner.push(await alice.account.sendWithdraw(via, PLENTY));
    for (const { transactions } of owner) expect(gasAt(transactions, 1)).toBeLessThanOrEqual(assumed["GAS_OWNER"]!);
    const execution = await alice.account.sendExecuteSlash(world.stranger.getSender(), PLENTY);
    expect(gasAt(execution.transactions, 1)).toBeLessThanOrEqual(assumed["GAS_EXECUTE_SLASH"]!);
  });
});

/** A distributor with an endorsed root, successors and another cap, and an account with an open slash: the largest state of each. */
async function slashedAndPending() {
  const world = await RewardWorld.open();
  const alice = await world.contributor("alice");
  await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(11), amount: toNano(10) });
  await world.publish(deepTree(alice.address, toNano(5), 26));
  await world.propose(deepTree(alice.address, toNano(6), 26));
  const body = relaySlashBody({ owner: alice.address, amount: toNano(1), reason: 2n ** 256n - 1n });
  await world.send(world.publisher, body);
  await world.send(world.publisher, proposeCapBody(2n ** 117n));
  await world.send(world.guardian, namePublisherBody({ publisher: alice.address, dismiss: false }));
  await world.send(world.guardian, nameGuardianBody(world.stranger.address));
  await world.guardianSends("EndorseRoot");
  expect((await alice.account.getData()).disputed).toBe(toNano(1));
  return { world, alice };
}

/** `const NAME = n` of a contract's fees. */
function constants(folder: string): Record<string, number> {
  const source = readFileSync(path.resolve(import.meta.dirname, `../src/${folder}/fees.tolk`), "utf8");
  return Object.fromEntries(
    [...source.matchAll(/^const (\w+) = (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

async function state(world: RewardWorld, at: Parameters<RewardWorld["chain"]["getContract"]>[0]) {
  const { accountState } = await world.chain.getContract(at);
  if (accountState?.type !== "active") throw new Error("the account is not active");
  return sizeOf(beginCell().store(storeStateInit(accountState.state)).endCell());
}

/** Distinct cells and their bits, as rent and forwarding count them. */
function sizeOf(root: Cell): { cells: number; bits: number } {
  const seen = new Map<string, number>();
  const visit = (cell: Cell) => {
    const hash = cell.hash().toString("hex");
    if (seen.has(hash)) return;
    seen.set(hash, cell.bits.length);
    cell.refs.forEach(visit);
  };
  visit(root);
  return { cells: seen.size, bits: [...seen.values()].reduce((sum, bits) => sum + bits, 0) };
}

function gasAt(transactions: readonly BlockchainTransaction[], index: number): number {
  const { description } = transactions[index]!;
  if (description.type !== "generic" || description.computePhase.type !== "vm")
    throw new Error("the transaction ran no code");
  expect(description.computePhase.exitCode).toBe(0);
  return Number(description.computePhase.gasUsed);
}
