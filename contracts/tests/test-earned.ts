import { toNano } from "@ton/core";
import { internal } from "@ton/sandbox";
import { expect } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { claimBody } from "../wrappers/RewardDistributor.ts";
import { PLENTY, RewardWorld, treeOf } from "./test-rewards.ts";
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

/**
 * A stranger starts these claims at once and delivers `steps` messages of each, in turn, before `meanwhile` happens; then everything else is
 * delivered. The second step counts the claim at its account, the third pays it.
 */
export async function interrupted(
  world: RewardWorld,
  claims: readonly Contributor[],
  { steps, meanwhile, value = PLENTY }: { steps: number; meanwhile?: () => Promise<unknown>; value?: bigint },
) {
  const { distributor, stranger } = world;
  const flights = [];
  for (const { address } of claims) {
    const body = claimBody({ owner: address, deploy: false, proof: world.tree!.proof(address.hash) });
    const message = internal({ from: stranger.address, to: distributor.address, value, body });
    flights.push(await world.chain.sendMessageIter(message, { allowParallel: true }));
  }
  for (let step = 0; step < steps; step++) for (const flight of flights) await flight.next();
  await meanwhile?.();
  for (const flight of flights) for await (const _ of flight);
}

/** Code and data of a contributor's account, which wake it where rent has frozen it. @throws where it is not active. */
export async function stateOf(world: RewardWorld, { account }: Contributor) {
  const { accountState } = await world.chain.getContract(account.address);
  if (accountState?.type !== "active") throw new Error("the account is not active");
  return { code: accountState.state.code ?? null, data: accountState.state.data ?? null };
}

/** Pays the rent of a frozen account and brings its last state. */
export async function wake(
  world: RewardWorld,
  { account }: Contributor,
  stateInit: Awaited<ReturnType<typeof stateOf>>,
): Promise<void> {
  const from = world.stranger.address;
  await world.chain.sendMessage(internal({ from, to: account.address, value: toNano(2), stateInit }));
}
