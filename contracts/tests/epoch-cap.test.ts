/** The epoch cap: what it bounds, and how publisher and guardian change it together. */
import { toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { RewardDistributorTerms as Terms } from "../wrappers/reward-distributor-codes.ts";
import { acceptCapBody, namePublisherBody, plainBody, proposeCapBody } from "../wrappers/RewardDistributor.ts";
import { DAY, EPOCH_CAP, RewardWorld, treeOf } from "./test-rewards.ts";

const LARGEST = 2n ** 117n;

async function capWorld(options: Parameters<typeof RewardWorld.open>[0] = {}) {
  const world = await RewardWorld.open(options);
  const propose = async (cap: bigint, by = world.publisher) => (await world.send(by, proposeCapBody(cap)))[0];
  const accept = async (cap: bigint, by = world.guardian) => (await world.send(by, acceptCapBody(cap)))[0];
  const apply = async () => (await world.send(world.stranger, plainBody("ApplyCap")))[0];
  return { world, propose, accept, apply };
}

describe("another epoch cap", () => {
  test("is proposed by the publisher, agreed to by the guardian, and applied by anybody fourteen days later", async () => {
    const { world, propose, accept, apply } = await capWorld();
    await propose(5n * EPOCH_CAP);
    expect((await world.distributor.getData()).capChange).toEqual({ epochCap: 5n * EPOCH_CAP, from: null });
    world.chain.advance(365 * DAY);
    expect(await apply()).toContain("CAP_TOO_EARLY");
    expect(await accept(5n * EPOCH_CAP)).toBe("guardian → distributor: AcceptCap");
    world.chain.advance(Terms.CAP_DELAY - 1);
    expect(await apply()).toContain("CAP_TOO_EARLY");
    expect((await world.distributor.getData()).epochCap).toBe(EPOCH_CAP);
    world.chain.advance(1);
    expect(await apply()).toBe("stranger → distributor: ApplyCap");
    expect(await world.distributor.getData()).toMatchObject({ epochCap: 5n * EPOCH_CAP, capChange: null });
    expect(await apply()).toContain("NO_CAP_PROPOSED");
  });

  test("is neither one's alone: each does only its own part", async () => {
    const { world, propose, accept } = await capWorld();
    expect(await accept(EPOCH_CAP)).toContain("NO_CAP_PROPOSED");
    for (const other of [world.guardian, world.treasury, world.stranger])
      expect(await propose(1n, other)).toContain("NOT_THE_PUBLISHER");
    await propose(1n);
    for (const other of [world.publisher, world.treasury, world.stranger])
      expect(await accept(1n, other)).toContain("NOT_THE_GUARDIAN");
    await world.send(world.guardian, namePublisherBody({ publisher: world.stranger.address, dismiss: true }));
    expect(await propose(2n)).toContain("NOT_THE_PUBLISHER");
  });

  test("is agreed to by its value, so that one proposed meanwhile is not; and a new proposal replaces an agreed one", async () => {
    const { world, propose, accept, apply } = await capWorld();
    await propose(2n * EPOCH_CAP);
    await propose(9n * EPOCH_CAP);
    expect(await accept(2n * EPOCH_CAP)).toContain("OTHER_CAP_PROPOSED");
    await accept(9n * EPOCH_CAP);
    await propose(EPOCH_CAP);
    world.chain.advance(Terms.CAP_DELAY);
    expect(await apply()).toContain("CAP_TOO_EARLY");
    expect((await world.distributor.getData()).epochCap).toBe(EPOCH_CAP);
  });

  test("settles the bucket at the old rate first, and the rest refills at the new one", async () => {
    const { world, propose, accept, apply } = await capWorld({ pool: 40n * EPOCH_CAP });
    const alice = await world.contributor("alice");
    await propose(4n * EPOCH_CAP);
    await accept(4n * EPOCH_CAP);
    for (let epoch = 1n; epoch <= 16n; epoch++) await world.publish(treeOf([[alice.address, epoch * EPOCH_CAP]]));
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(3n * EPOCH_CAP);
    // Half a day refills one old cap, then half a day four new ones.
    world.chain.advance(DAY / 2);
    await apply();
    expect(await world.distributor.getPayableNow()).toBe(EPOCH_CAP);
    world.chain.advance(DAY / 2);
    expect(await world.distributor.getPayableNow()).toBe(5n * EPOCH_CAP);
  });

  test("that is smaller empties the bucket down to three of it, and bounds the next root", async () => {
    const { world, propose, accept, apply } = await capWorld();
    const alice = await world.contributor("alice");
    const small = EPOCH_CAP / 10n;
    await propose(small);
    await accept(small);
    await world.publish(treeOf([[alice.address, EPOCH_CAP]]));
    world.chain.advance(Terms.CAP_DELAY);
    await apply();
    expect(await world.distributor.getPayableNow()).toBe(3n * small);
    const above = await world.propose(treeOf([[alice.address, EPOCH_CAP + small + 1n]]));
    expect(world.story(above.transactions)[0]).toContain("ABOVE_EPOCH_CAP");
    const within = await world.propose(treeOf([[alice.address, EPOCH_CAP + small]]));
    expect(world.story(within.transactions)[0]).toBe("publisher → distributor: ProposeRoot");
  });

  test.each([0n, LARGEST + 1n, 2n ** 120n - 1n])("of %s would lock the pool and is refused", async (cap) => {
    const { propose } = await capWorld();
    expect(await propose(cap)).toContain("CAP_OUT_OF_RANGE");
  });
});

test("the largest cap there may be still pays: three of it fit into the bucket", async () => {
  const { world, propose, accept, apply } = await capWorld({ epochCap: LARGEST });
  const alice = await world.contributor("alice");
  await world.publish(treeOf([[alice.address, toNano(5)]]));
  await world.claim(alice, { deploy: true });
  await propose(LARGEST);
  await accept(LARGEST);
  world.chain.advance(Terms.CAP_DELAY);
  await apply();
  await world.publish(treeOf([[alice.address, toNano(6)]]));
  await world.claim(alice);
  expect((await alice.account.getData()).claimed).toBe(toNano(6));
});
