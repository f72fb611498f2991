import { Address, toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { challengeDecreaseBody, RewardDistributor } from "../wrappers/RewardDistributor.ts";
import { DAY, EPOCH_CAP, PLENTY, RewardWorld, storagePaid, treeOf } from "./test-rewards.ts";

describe("a claim", () => {
  test("by the owner pays exactly the leaf, and refunds what the message did not use", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    const books = await world.chain.openBooks();
    const { transactions } = await world.claim(alice, { deploy: true });
    expect(world.story(transactions)).toEqual([
      "alice → distributor: Claim",
      "distributor → alice's account: AccrueClaim",
      "alice's account → distributor: PayOut",
      "distributor → alice: RewardPaid",
    ]);
    books.close();
    expect(await books.change(world.distributor.address)).toBe(-toNano(5));
    expect(await books.change(alice.account.address)).toBe(0n);
    expect(await books.change(alice.address)).toBe(toNano(5) - books.fees);
    expect((await alice.account.getData()).claimed).toBe(toNano(5));
  });

  test("by somebody else pays the owner the leaf, and refunds the rest to the sender", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    const books = await world.chain.openBooks();
    const { transactions } = await world.claim(alice, { deploy: true, by: world.stranger });
    expect(world.story(transactions).slice(-2)).toEqual([
      "distributor → alice: RewardPaid",
      "distributor → stranger: excess",
    ]);
    books.close();
    expect(await books.change(world.distributor.address)).toBe(-toNano(5));
    const receipt = transactions.at(-2)!.totalFees.coins;
    expect(await books.change(alice.address)).toBe(toNano(5) - receipt);
    expect(await books.change(world.stranger.address)).toBe(receipt - books.fees);
  });

  test("over two epochs costs one claim and pays the difference once", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    // Bob's unclaimed share stays in the pool, where a claim that ignores past payouts could take it.
    const bob = await world.contributor("bob");
    const epoch = (earned: bigint) =>
      world.publish(
        treeOf([
          [alice.address, earned],
          [bob.address, toNano(100)],
        ]),
      );
    await epoch(toNano(5));
    await world.claim(alice, { deploy: true });
    await epoch(toNano(8));
    await epoch(toNano(12));
    const books = await world.chain.openBooks();
    await world.claim(alice);
    expect(await books.change(world.distributor.address)).toBe(-toNano(7));
    expect((await world.distributor.getData()).totalPaid).toBe(toNano(12));
  });

  test("of a huge leaf is paid in parts, as the bucket refills by two caps an epoch", async () => {
    const world = await RewardWorld.open({ pool: 6n * EPOCH_CAP });
    const alice = await world.contributor("alice");
    for (let epoch = 1n; epoch <= 5n; epoch++) await world.publish(treeOf([[alice.address, epoch * EPOCH_CAP]]));
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(3n * EPOCH_CAP);
    world.chain.advance(DAY / 4);
    expect(await world.distributor.getPayableNow()).toBe(EPOCH_CAP / 2n);
    await world.claim(alice);
    expect((await alice.account.getData()).claimed).toBe((7n * EPOCH_CAP) / 2n);
    world.chain.advance(30 * DAY);
    await world.claim(alice);
    const { claimed } = await alice.account.getData();
    expect(claimed).toBe(5n * EPOCH_CAP);
    expect(claimed).toBe((await world.distributor.getData()).totalPaid);
    expect(await world.distributor.getPayableNow()).toBe(0n);
  });

  test("is honoured under the previous root, and not under the one before", async () => {
    const world = await RewardWorld.open();
    const [alice, bob] = [await world.contributor("alice"), await world.contributor("bob")];
    const trees = [3n, 4n, 5n].map((amount) =>
      treeOf([
        [alice.address, amount],
        [bob.address, amount],
      ]),
    );
    await world.publish(trees[0]!);
    await world.publish(trees[1]!);
    await world.claim(alice, { deploy: true, proof: trees[0]!.proof(alice.address.hash) });
    expect((await alice.account.getData()).claimed).toBe(3n);
    await world.publish(trees[2]!);
    const { transactions } = await world.claim(alice, { proof: trees[0]!.proof(alice.address.hash) });
    expect(world.story(transactions)[0]).toBe("alice → distributor: Claim ✗ FORGED_PROOF");
  });
});

describe("a root", () => {
  test("is proposed by the publisher, waits, and is activated by anybody", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    const tree = treeOf([[alice.address, toNano(5)]]);
    await world.propose(tree);
    const early = await world.distributor.sendActivateRoot(world.stranger.getSender(), PLENTY);
    expect(world.story(early.transactions)[0]).toBe("stranger → distributor: ActivateRoot ✗ DELAY_OPEN");
    world.chain.advance(DAY);
    const books = await world.chain.openBooks();
    await world.distributor.sendActivateRoot(world.stranger.getSender(), PLENTY);
    books.close();
    const { address } = world.distributor;
    expect(await books.change(address)).toBe(-storagePaid(books.transactions, address));
    const data = await world.distributor.getData();
    expect(data).toMatchObject({ epoch: 1, pending: null, totalCum: toNano(5), dataHash: 0xda7an });
  });

  test.each([
    ["of a wrong epoch", { epoch: 2 }, "WRONG_EPOCH"],
    ["that is empty", { root: 0n }, "EMPTY_ROOT"],
    ["above the epoch cap", { totalCum: EPOCH_CAP + 1n }, "ABOVE_EPOCH_CAP"],
  ])("%s is refused", async (_, change, error) => {
    const world = await RewardWorld.open();
    const proposal = { value: PLENTY, epoch: 1, root: 1n, totalCum: 1n, dataHash: 1n, ...change };
    const { transactions } = await world.distributor.sendProposeRoot(world.publisher.getSender(), proposal);
    expect(world.story(transactions)[0]).toBe(`publisher → distributor: ProposeRoot ✗ ${error}`);
    expect((await world.distributor.getData()).pending).toBeNull();
  });

  test("is refused with a total that falls, and while another is pending", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, 10n]]));
    const falling = await world.propose(treeOf([[alice.address, 9n]]));
    expect(world.story(falling.transactions)[0]).toContain("TOTAL_FALLS");
    await world.propose(treeOf([[alice.address, 11n]]));
    const second = await world.propose(treeOf([[alice.address, 12n]]));
    expect(world.story(second.transactions)[0]).toContain("ROOT_PENDING");
  });

  test("is vetoed by the guardian", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.propose(treeOf([[alice.address, 10n]]));
    await world.guardianSends("VetoRoot");
    expect(await world.distributor.getData()).toMatchObject({ pending: null, epoch: 0 });
    const again = await world.guardianSends("VetoRoot");
    expect(world.story(again.transactions)[0]).toContain("NO_ROOT_PENDING");
  });
});

async function proposed(pendingOf: (alice: Buffer, bob: Buffer) => readonly (readonly [Buffer, bigint])[]) {
  const world = await RewardWorld.open();
  const [alice, bob] = [await world.contributor("alice"), await world.contributor("bob")];
  await world.publish(
    treeOf([
      [alice.address, 10n],
      [bob.address, 10n],
    ]),
    20n,
  );
  const pending = treeOf(pendingOf(alice.address.hash, bob.address.hash));
  await world.propose(pending, 40n);
  const challenge = (owner = alice, current = world.tree!, next = pending) =>
    world.stranger.send({
      to: world.distributor.address,
      value: PLENTY,
      body: challengeDecreaseBody({
        owner: owner.address,
        currentProof: current.proof(owner.address.hash),
        pendingProof: next.proof(owner.address.hash),
      }),
    });
  return { world, alice, bob, pending, challenge };
}

describe("a lowered leaf", () => {
  test.each([
    [
      "is smaller",
      (alice: Buffer, bob: Buffer) =>
        [
          [alice, 9n],
          [bob, 31n],
        ] as const,
    ],
    ["is left out", (_: Buffer, bob: Buffer) => [[bob, 40n]] as const],
  ])("that %s lets anybody veto the root", async (_, leaves) => {
    const { world, challenge } = await proposed(leaves);
    const books = await world.chain.openBooks();
    expect(world.story((await challenge()).transactions)).toEqual([
      "stranger → distributor: ChallengeDecrease",
      "distributor → stranger: excess",
    ]);
    books.close();
    expect(await books.change(world.distributor.address)).toBe(0n);
    expect((await world.distributor.getData()).pending).toBeNull();
  });

  test("cannot be faked: equal leaves, other owners, other trees and pruned paths prove nothing", async () => {
    const { world, alice, bob, pending, challenge } = await proposed((a, b) => [
      [a, 10n],
      [b, 30n],
    ]);
    const first = async (sent: ReturnType<typeof challenge>) => world.story((await sent).transactions)[0];
    expect(await first(challenge())).toContain("NOT_A_DECREASE");
    expect(await first(challenge(bob))).toContain("NOT_A_DECREASE");
    expect(await first(challenge(alice, world.tree!, treeOf([[bob.address, 1n]])))).toContain("FORGED_PROOF");
    expect(await first(challenge(alice, pending, pending))).toContain("FORGED_PROOF");
    const prunedPath = world.stranger.send({
      to: world.distributor.address,
      value: PLENTY,
      body: challengeDecreaseBody({
        owner: alice.address,
        currentProof: world.tree!.proof(alice.address.hash),
        pendingProof: pending.proof(bob.address.hash),
      }),
    });
    expect(await first(prunedPath)).toContain("✗");
    expect((await world.distributor.getData()).pending).not.toBeNull();
  });
});

describe("the guardian", () => {
  test("can delay a payout and not withhold it: a freeze ends by itself, and the next one must wait", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    await world.guardianSends("Freeze");
    expect(world.story((await world.claim(alice, { deploy: true })).transactions)[0]).toContain("FROZEN");
    expect(world.story((await world.guardianSends("Freeze")).transactions)[0]).toContain("FREEZE_TOO_SOON");
    world.chain.advance(14 * DAY);
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(toNano(5));
    expect(world.story((await world.guardianSends("Freeze")).transactions)[0]).toContain("FREEZE_TOO_SOON");
    expect(world.story((await world.guardianSends("Unfreeze")).transactions)[0]).toContain("NOT_FROZEN");
  });

  test("revokes a root only while frozen and only while it is young", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    expect(world.story((await world.guardianSends("RevokeRoot")).transactions)[0]).toContain("NOT_FROZEN");
    world.chain.advance(3 * DAY);
    await world.guardianSends("Freeze");
    expect(world.story((await world.guardianSends("RevokeRoot")).transactions)[0]).toContain("ROOT_IS_FINAL");
  });
});

test("terms that would lock the pool, or give two roles to one key, are refused", () => {
  const [publisher, guardian, treasury, refunds] = [1, 2, 3, 4].map(
    (byte) => new Address(0, Buffer.alloc(32, byte)),
  ) as [Address, Address, Address, Address];
  const roles = { publisher, guardian, treasury, refunds };
  const terms = { ...roles, epochCap: 1n, epochSeconds: 1, delaySeconds: 1, slashesPerDay: 0 };
  expect(RewardDistributor.fromTerms(terms).address.workChain).toBe(0);
  for (const change of [{ epochCap: 0n }, { epochSeconds: 0 }])
    expect(() => RewardDistributor.fromTerms({ ...terms, ...change })).toThrow("above zero");
  expect(() => RewardDistributor.fromTerms({ ...terms, delaySeconds: 0 })).toThrow("time to veto");
  expect(
    RewardDistributor.fromTerms({ ...terms, epochSeconds: 30 * DAY, delaySeconds: 30 * DAY }).address,
  ).toBeTruthy();
  // With the longest delay its field can hold, every activation time would overflow 32 bits: no root could be proposed.
  for (const seconds of [2 ** 32 - 1, DAY * 1_000, 30 * DAY + 1, 0.5]) {
    expect(() => RewardDistributor.fromTerms({ ...terms, delaySeconds: seconds })).toThrow("thirty days");
    expect(() => RewardDistributor.fromTerms({ ...terms, epochSeconds: seconds })).toThrow("thirty days");
  }
  for (const slashesPerDay of [-1, 65_536, 0.5])
    expect(() => RewardDistributor.fromTerms({ ...terms, slashesPerDay })).toThrow("whole number");
  expect(RewardDistributor.fromTerms({ ...terms, epochCap: 2n ** 117n }).address).toBeTruthy();
  expect(() => RewardDistributor.fromTerms({ ...terms, epochCap: 2n ** 117n + 1n })).toThrow("holds three");
  for (const twice of [{ guardian: publisher }, { treasury: publisher }, { treasury: guardian }])
    expect(() => RewardDistributor.fromTerms({ ...terms, ...twice })).toThrow("three different");
  const masterchain = new Address(-1, Buffer.alloc(32, 9));
  for (const role of Object.keys(roles))
    expect(() => RewardDistributor.fromTerms({ ...terms, [role]: masterchain })).toThrow("basechain");
});
