import { Address, beginCell, Dictionary, toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { earnedWorld, expectNothingLost, interrupted } from "./test-earned.ts";
import { DAY, EPOCH_CAP, PLENTY, rootOf, treeOf } from "./test-rewards.ts";

describe("a claim is refused and costs only its fees", () => {
  const cases: [string, string, (at: Awaited<ReturnType<typeof earnedWorld>>) => Promise<unknown>][] = [
    ["replayed", "NOTHING_TO_CLAIM", async ({ world, alice }) => (await world.claim(alice), world.claim(alice))],
    [
      "with the proof of another owner",
      "exit",
      ({ world, alice, bob }) => world.claim(alice, { proof: world.tree!.proof(bob.address.hash) }),
    ],
    [
      "with an inflated leaf",
      "FORGED_PROOF",
      ({ world, alice }) =>
        world.claim(alice, { proof: treeOf([[alice.address, toNano(500)]]).proof(alice.address.hash) }),
    ],
    [
      "without a proof",
      "NOT_A_PROOF",
      ({ world, alice }) => world.claim(alice, { proof: beginCell().storeUint(3, 8).endCell() }),
    ],
    [
      "with another exotic cell for a proof",
      "NOT_A_PROOF",
      ({ world, alice }) => {
        const library = beginCell().storeUint(2, 8).storeUint(rootOf(world.tree!), 256).endCell({ exotic: true });
        return world.claim(alice, { proof: library });
      },
    ],
    [
      "of somebody without a leaf",
      "NO_LEAF",
      ({ world, alice }) => {
        const nobody = { ...alice, address: new Address(0, Buffer.alloc(32, 0xe7)) };
        return world.claim(nobody, { proof: world.tree!.proof(nobody.address.hash), deploy: true });
      },
    ],
    ["for an account that does not exist", "no-state", ({ world, bob }) => world.claim(bob)],
    [
      "while the publisher's next root is only pending",
      "FORGED_PROOF",
      async ({ world, alice }) => {
        const next = treeOf([[alice.address, toNano(9)]]);
        await world.propose(next, toNano(20));
        return world.claim(alice, { proof: next.proof(alice.address.hash) });
      },
    ],
  ];

  test.each(cases)("%s: %s", async (_, error, act) => {
    const at = await earnedWorld();
    const books = await at.world.chain.openBooks();
    await act(at);
    books.close();
    const faults = at.world.story(books.transactions).filter((line) => line.includes("✗"));
    expect(faults.join()).toContain(error);
    // The pool lost exactly what was paid: the sender's value pays for all messages.
    const { totalPaid } = await at.world.distributor.getData();
    expect((await books.change(at.world.distributor.address)) + totalPaid).toBe(0n);
    await expectNothingLost(at.world, [at.alice, at.bob]);
  });
});

test("the largest leaf that can be encoded is paid what the root allows: its messages still fit", async () => {
  const { world, bob } = await earnedWorld();
  await world.claim(bob, { deploy: true });
  const most = 2n ** 120n - 1n;
  const leaves = Dictionary.empty(Dictionary.Keys.Buffer(32), Dictionary.Values.BigVarUint(4)).set(
    bob.address.hash,
    most,
  );
  const { epoch, totalCum } = await world.distributor.getData();
  await world.distributor.sendProposeRoot(world.publisher.getSender(), {
    value: PLENTY,
    epoch: epoch + 1,
    root: BigInt(`0x${beginCell().storeDictDirect(leaves).endCell().hash().toString("hex")}`),
    totalCum: totalCum + EPOCH_CAP,
    dataHash: 1n,
  });
  world.chain.advance(DAY);
  await world.distributor.sendActivateRoot(world.stranger.getSender(), PLENTY);
  const proof = leaves.generateMerkleProof([bob.address.hash]);
  await world.claim(bob, { proof, by: world.stranger });
  expect((await bob.account.getData()).claimed).toBe(totalCum + EPOCH_CAP);
});

describe("a claim in flight", () => {
  test.each([1, 2, 3])("after %i steps survives a rotation, a veto and a freeze", async (steps) => {
    const { world, alice, bob } = await earnedWorld();
    await world.claim(bob, { deploy: true });
    const before = world.tree!;
    await world.propose(
      treeOf([
        [alice.address, toNano(6)],
        [bob.address, toNano(7)],
      ]),
    );
    await interrupted(world, [alice], { steps, meanwhile: () => world.guardianSends("VetoRoot") });
    await expectNothingLost(world, [alice, bob], false);
    await world.publish(
      treeOf([
        [alice.address, toNano(7)],
        [bob.address, toNano(7)],
      ]),
    );
    await world.propose(
      treeOf([
        [alice.address, toNano(8)],
        [bob.address, toNano(7)],
      ]),
    );
    world.chain.advance(DAY);
    await interrupted(world, [alice], {
      steps,
      meanwhile: () => world.distributor.sendActivateRoot(world.stranger.getSender(), PLENTY),
    });
    world.tree = treeOf([
      [alice.address, toNano(8)],
      [bob.address, toNano(7)],
    ]);
    expect((await world.distributor.getData()).previousRoot).not.toBe(rootOf(before));
    await interrupted(world, [alice], { steps, meanwhile: () => world.guardianSends("Freeze") });
    await expectNothingLost(world, [alice, bob], false);
    await world.unfreeze();
    await expectNothingLost(world, [alice, bob]);
  });

  test.each(["june-2026", "before-april-2026"] as const)(
    "is rolled back even when its sponsor attached no more than required, at the prices of %s",
    async (prices) => {
      const { world, alice, bob } = await earnedWorld({ prices });
      const value = await world.distributor.getClaimValue({ deploy: false });
      const books = await world.chain.openBooks();
      await interrupted(world, [alice], { steps: 2, meanwhile: () => world.guardianSends("Freeze"), value });
      books.close();
      expect(world.story(books.transactions)).toEqual(
        expect.arrayContaining([
          "alice's account → distributor: PayOut ✗ FROZEN",
          "distributor → alice's account: bounce",
          "alice's account → stranger: excess",
        ]),
      );
      await expectNothingLost(world, [alice, bob], false);
      await world.unfreeze();
      await expectNothingLost(world, [alice, bob]);
    },
  );

  test("races another of the same owner and of others: each leaf is paid once, and a bounced payout can be claimed again", async () => {
    const { world, alice, bob } = await earnedWorld();
    await world.claim(bob, { deploy: true });
    await world.publish(
      treeOf([
        [alice.address, 2n * EPOCH_CAP],
        [bob.address, EPOCH_CAP],
      ]),
      EPOCH_CAP,
    );
    // The published total is too low for both, so the second payout bounces.
    const books = await world.chain.openBooks();
    await interrupted(world, [alice, bob, alice], { steps: 2 });
    books.close();
    expect(world.story(books.transactions).join()).toContain("PayOut ✗ POOL_EMPTY");
    const { totalPaid, totalCum } = await world.distributor.getData();
    expect(totalPaid).toBeLessThanOrEqual(totalCum);
    await expectNothingLost(world, [alice, bob], false);
  });
});

describe("a pool that rent has made too small", () => {
  test("pays what it has above its own reserve, and the rest once it is refilled", async () => {
    const { world, alice, bob } = await earnedWorld({ pool: toNano("12.02") });
    world.chain.advance(20 * 365 * DAY);
    await world.claim(bob, { deploy: true });
    const short = await world.claim(alice);
    expect(world.story(short.transactions)[2]).toBe("alice's account → distributor: PayOut");
    const { claimed } = await alice.account.getData();
    expect(claimed).toBeLessThan(toNano(5));
    expect(claimed).toBeGreaterThan(toNano("4.85"));
    const refused = await world.claim(alice);
    expect(world.story(refused.transactions)[0]).toContain("POOL_EMPTY");
    await world.distributor.sendFund(world.stranger.getSender(), toNano(20));
    await expectNothingLost(world, [alice, bob]);
  });

  test("pays nobody out of its reserve, not even a claim that it promised more while another was under way", async () => {
    const { world, alice, bob } = await earnedWorld({ pool: toNano("12.02") });
    await world.claim(bob, { deploy: true, value: toNano("0.001") }); // refused: bob's account does not exist yet
    await bob.account.sendStake(bob.wallet.getSender(), { value: toNano(3), amount: toNano(2) });
    // Two years of rent use up what the pool held above the 12 owed and a part of its reserve.
    world.chain.advance(2 * 365 * DAY);
    const books = await world.chain.openBooks();
    await interrupted(world, [alice, bob], { steps: 2 });
    expect(world.story(books.transactions)).toContain("bob's account → distributor: PayOut ✗ POOL_EMPTY");
    // What is left would cover bob's seven: it is the reserve that is not paid out.
    expect(await world.chain.balanceOf(world.distributor.address)).toBeGreaterThan(toNano(7));
    await world.distributor.sendFund(world.stranger.getSender(), toNano(1));
    await expectNothingLost(world, [alice, bob]);
  });
});
