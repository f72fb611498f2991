import { toNano } from "@ton/core";
import { expect } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { RewardWorld, treeOf } from "./test-rewards.ts";
import type { Contributor } from "./test-rewards.ts";

/** Alice, whose account is deployed, has earned 5, and bob 7. */
export async function earnedWorld({
  prices = "june-2026",
  pool = toNano(5000),
}: { prices?: Prices; pool?: bigint } = {}) {
  const world = await RewardWorld.open({ prices, pool });
  const [alice, bob] = [await world.contributor("alice"), await world.contributor("bob")];
  await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(3), amount: toNano(2) });
  await world.publish(
    treeOf([
      [alice.address, toNano(5)],
      [bob.address, toNano(7)],
    ]),
  );
  return { world, alice, bob };
}

/** Asserts that the accounts' claimed sums equal what the distributor paid and, if `payable`, that every leaf can be paid. */
export async function expectNothingLost(world: RewardWorld, all: Contributor[], payable = true) {
  const claimed = await claimedBy(world, all);
  expect(claimed).toBe((await world.distributor.getData()).totalPaid);
  if (!payable) return;
  for (const one of all) {
    await world.claim(one, { deploy: !(await isActive(world, one)) });
    expect((await one.account.getData()).claimed).toBe(world.tree!.amountOf(one.address.hash));
  }
}

async function claimedBy(world: RewardWorld, all: Contributor[]): Promise<bigint> {
  let sum = 0n;
  for (const one of all) if (await isActive(world, one)) sum += (await one.account.getData()).claimed;
  return sum;
}

/** Whether a contributor's account exists and is not frozen. */
export const isActive = async (world: RewardWorld, { account }: Contributor): Promise<boolean> =>
  (await world.chain.getContract(account.address)).accountState?.type === "active";
