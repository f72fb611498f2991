/** When a root may become current, what stops it, and what a revocation leaves. */
import { toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { RewardDistributorTerms as Terms } from "../wrappers/reward-distributor-codes.ts";
import { challengeDecreaseBody, fundPoolBody, plainBody, rootOrderBody } from "../wrappers/RewardDistributor.ts";
import type { RewardTree } from "../wrappers/merkle.ts";
import { interrupted } from "./test-earned.ts";
import { DAY, EPOCH_CAP, RewardWorld, rootOf, treeOf } from "./test-rewards.ts";
import type { Contributor } from "./test-rewards.ts";

const activate = async (world: RewardWorld) => (await world.send(world.stranger, plainBody("ActivateRoot")))[0];

const proposal = async (world: RewardWorld, tree: RewardTree, totalCum = tree.total) =>
  world.story((await world.propose(tree, totalCum)).transactions)[0];

/** Anybody's challenge of the pending tree by the current leaf of this owner. */
const challenge = async (world: RewardWorld, one: Contributor, current: RewardTree, pending: RewardTree) => {
  const [currentProof, pendingProof] = [current.proof(one.address.hash), pending.proof(one.address.hash)];
  return (await world.send(one.wallet, challengeDecreaseBody({ owner: one.address, currentProof, pendingProof })))[0];
};

describe("time", () => {
  test("paces the roots: with an epoch of a week and a delay of an hour debt grows by one cap a week", async () => {
    const world = await RewardWorld.open({ pool: 20n * EPOCH_CAP, epochSeconds: 7 * DAY, delaySeconds: 3600 });
    const alice = await world.contributor("alice");
    await world.propose(treeOf([[alice.address, EPOCH_CAP]]));
    world.chain.advance(3600);
    expect(await activate(world)).toBe("stranger → distributor: ActivateRoot");
    await world.propose(treeOf([[alice.address, 2n * EPOCH_CAP]]));
    world.chain.advance(7 * DAY - 1);
    expect(await activate(world)).toContain("DELAY_OPEN");
    world.chain.advance(1);
    expect(await activate(world)).toBe("stranger → distributor: ActivateRoot");
  });

  test("does not shorten a delay: a root proposed long after the last waits all of it", async () => {
    const world = await RewardWorld.open({ epochSeconds: 3600 });
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, 5n]]));
    world.chain.advance(30 * DAY);
    await world.propose(treeOf([[alice.address, 6n]]));
    world.chain.advance(DAY - 1);
    expect(await activate(world)).toContain("DELAY_OPEN");
  });

  test("shrinks a backlog: the bucket refills by two caps while debt grows by one", async () => {
    const world = await RewardWorld.open({ pool: 40n * EPOCH_CAP });
    const whale = await world.contributor("whale");
    for (let epoch = 1n; epoch <= 10n; epoch++) await world.publish(treeOf([[whale.address, epoch * EPOCH_CAP]]));
    await world.claim(whale, { deploy: true });
    for (let epoch = 11n; epoch <= 18n; epoch++) {
      await world.publish(treeOf([[whale.address, epoch * EPOCH_CAP]]));
      await world.claim(whale);
    }
    const { totalCum, totalPaid } = await world.distributor.getData();
    expect([totalCum, totalPaid]).toEqual([18n * EPOCH_CAP, 18n * EPOCH_CAP]);
  });
});

describe("the pool", () => {
  test("holds a root back until it can pay all that is owed, and then lets it pass", async () => {
    const world = await RewardWorld.open({ pool: toNano(3) });
    const alice = await world.contributor("alice");
    const tree = treeOf([[alice.address, toNano(5)]]);
    await world.propose(tree);
    world.chain.advance(DAY);
    expect(await activate(world)).toContain("POOL_UNFUNDED");
    await world.distributor.sendFund(world.stranger.getSender(), toNano(2));
    // The reserve for the distributor's own rent pays nobody.
    expect(await activate(world)).toContain("POOL_UNFUNDED");
    expect((await world.distributor.getData()).pending).not.toBeNull();
    await world.distributor.sendFund(world.stranger.getSender(), toNano("0.02"));
    expect(await activate(world)).toBe("stranger → distributor: ActivateRoot");
    expect(await world.distributor.getPayableNow()).toBe(toNano(5));
    world.tree = tree;
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(toNano(5));
  });

  test("counts what was paid already: the next root needs only what it adds", async () => {
    const world = await RewardWorld.open({ pool: toNano("5.02") });
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    await world.claim(alice, { deploy: true });
    await world.distributor.sendFund(world.stranger.getSender(), toNano(1));
    await world.publish(treeOf([[alice.address, toNano(6)]]));
    expect((await world.distributor.getData()).epoch).toBe(2);
  });

  test("is not promised twice: what can be paid now is the least of bucket, total and pool, and nothing while frozen", async () => {
    const world = await RewardWorld.open({ pool: toNano("5.02") });
    const alice = await world.contributor("alice");
    expect(await world.distributor.getPayableNow()).toBe(0n);
    await world.publish(treeOf([[alice.address, toNano(5)]]));
    expect(await world.distributor.getPayableNow()).toBe(toNano(5));
    world.chain.advance(30 * 365 * DAY);
    await activate(world); // refused, but the rent of thirty years is charged
    const payable = await world.distributor.getPayableNow();
    expect(payable).toBeLessThan(toNano(5));
    expect(payable).toBeGreaterThan(toNano("4.7"));
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(payable);
    expect(await world.distributor.getPayableNow()).toBe(0n);
    await world.guardianSends("Freeze");
    await world.distributor.sendFund(world.stranger.getSender(), toNano(1));
    expect(await world.distributor.getPayableNow()).toBe(0n);
    await world.unfreeze();
    expect(await world.distributor.getPayableNow()).toBe(toNano(5) - payable);
  });
});

describe("a freeze", () => {
  test("lets no root become current", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.propose(treeOf([[alice.address, 5n]]));
    await world.guardianSends("Freeze");
    world.chain.advance(2 * DAY);
    expect(await activate(world)).toContain("FROZEN");
    expect((await world.distributor.getData()).epoch).toBe(0);
  });

  test("ends ten minutes after it is lifted, and lifting it again does not make that longer", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, 5n]]));
    await world.guardianSends("Freeze");
    await world.guardianSends("Unfreeze");
    world.chain.advance(Terms.UNFREEZE_SECONDS - 1);
    await world.guardianSends("Unfreeze");
    expect(world.story((await world.claim(alice, { deploy: true })).transactions)[0]).toContain("FROZEN");
    world.chain.advance(1);
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(5n);
  });

  test("that is lifted in its last minutes ends when it would have", async () => {
    const world = await RewardWorld.open();
    await world.guardianSends("Freeze");
    const { frozenUntil } = await world.distributor.getData();
    world.chain.advance(Terms.FREEZE_SECONDS - 60);
    await world.guardianSends("Unfreeze");
    expect((await world.distributor.getData()).frozenUntil).toBe(frozenUntil);
  });
});

describe("a revocation", () => {
  test("reaches a payout already under way, also when freeze, revocation and unfreezing come together", async () => {
    const world = await RewardWorld.open({ pool: 20n * EPOCH_CAP });
    const [alice, thief] = [await world.contributor("alice"), await world.contributor("thief")];
    await thief.account.sendStake(thief.wallet.getSender(), { value: toNano(3), amount: toNano(2) });
    for (let epoch = 1n; epoch <= 3n; epoch++) await world.publish(treeOf([[alice.address, epoch * EPOCH_CAP]]));
    const right = world.tree!;
    const wrong = treeOf([
      [alice.address, 3n * EPOCH_CAP],
      [thief.address, 15n * EPOCH_CAP],
    ]);
    await world.publish(wrong, 4n * EPOCH_CAP);
    await interrupted(world, [thief], {
      steps: 2,
      meanwhile: async () => {
        for (const message of ["Freeze", "RevokeRoot", "Unfreeze"] as const) await world.guardianSends(message);
      },
    });
    expect((await thief.account.getData()).claimed).toBe(0n);
    world.chain.advance(Terms.UNFREEZE_SECONDS);
    await world.claim(alice, { deploy: true, proof: right.proof(alice.address.hash) });
    expect((await alice.account.getData()).claimed).toBe(3n * EPOCH_CAP);
  });

  test("leaves a root that was final before: the older one cannot be revoked after the younger", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, 5n]]));
    const { root } = await world.distributor.getData();
    world.chain.advance(5 * DAY);
    await world.publish(treeOf([[alice.address, 6n]]));
    await world.guardianSends("Freeze");
    await world.guardianSends("RevokeRoot");
    const second = await world.guardianSends("RevokeRoot");
    expect(world.story(second.transactions)[0]).toContain("ROOT_IS_FINAL");
    expect((await world.distributor.getData()).root).toBe(root);
  });

  test("names its root: an order sent twice revokes one", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    for (const amount of [5n, 6n]) await world.publish(treeOf([[alice.address, amount]]));
    const { root, previousRoot } = await world.distributor.getData();
    await world.guardianSends("Freeze");
    const order = rootOrderBody("RevokeRoot", root);
    expect((await world.send(world.guardian, order))[0]).toBe("guardian → distributor: RevokeRoot");
    expect((await world.send(world.guardian, order))[0]).toContain("ANOTHER_ROOT");
    expect((await world.distributor.getData()).root).toBe(previousRoot);
  });

  test("of two roots in a row leaves nothing owed, and the next root is paid again", async () => {
    const world = await RewardWorld.open({ pool: 20n * EPOCH_CAP });
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, EPOCH_CAP]]));
    await world.claim(alice, { deploy: true });
    world.chain.advance(7 * DAY);
    for (const more of [5n, 6n]) await world.publish(treeOf([[alice.address, EPOCH_CAP + more]]));
    for (const message of ["Freeze", "RevokeRoot", "RevokeRoot"] as const) await world.guardianSends(message);
    expect(await world.distributor.getData()).toMatchObject({ root: 0n, totalCum: EPOCH_CAP, totalPaid: EPOCH_CAP });
    expect(world.story((await world.guardianSends("RevokeRoot")).transactions)[0]).toContain("ROOT_IS_FINAL");
    await world.unfreeze();
    world.chain.advance(DAY);
    await world.publish(treeOf([[alice.address, 2n * EPOCH_CAP]]));
    await world.claim(alice);
    expect((await alice.account.getData()).claimed).toBe(2n * EPOCH_CAP);
  });

  test("drops what the same publisher has pending", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    await world.publish(treeOf([[alice.address, 5n]]));
    await world.propose(treeOf([[alice.address, 6n]]));
    await world.guardianSends("Freeze");
    await world.guardianSends("RevokeRoot");
    expect((await world.distributor.getData()).pending).toBeNull();
  });
});

/** Alice's cap was earned; the thief's leaf is forty caps in a tree whose total is four. Nobody looked for three days. */
async function finalWrongRoot(thiefs = 40n * EPOCH_CAP) {
  const world = await RewardWorld.open({ pool: 50n * EPOCH_CAP });
  const [alice, thief] = [await world.contributor("alice"), await world.contributor("thief")];
  await world.publish(treeOf([[alice.address, EPOCH_CAP]]));
  const wrong = treeOf([[thief.address, thiefs]]);
  await world.publish(wrong, 2n * EPOCH_CAP);
  world.chain.advance(Terms.REVOKE_SECONDS);
  await world.guardianSends("Freeze");
  expect(world.story((await world.guardianSends("RevokeRoot")).transactions)[0]).toContain("ROOT_IS_FINAL");
  await world.unfreeze();
  return { world, alice, thief, wrong, right: treeOf([[alice.address, EPOCH_CAP]]) };
}

describe("a wrong root that outlived its revocation", () => {
  test("cannot veto its correction by a leaf that is larger than everything published", async () => {
    const { world, alice, thief, wrong, right } = await finalWrongRoot();
    await world.propose(right, 2n * EPOCH_CAP);
    expect(await challenge(world, thief, wrong, right)).toContain("NOT_A_DECREASE");
    world.chain.advance(DAY);
    await activate(world);
    world.tree = right;
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(EPOCH_CAP);
  });

  test("can veto it by a leaf within the total, until publisher and guardian replace it together in thirty days", async () => {
    const { world, alice, thief, wrong, right } = await finalWrongRoot(2n * EPOCH_CAP);
    await world.propose(right, 2n * EPOCH_CAP);
    expect(await challenge(world, thief, wrong, right)).toBe("thief → distributor: ChallengeDecrease");
    expect((await world.distributor.getData()).pending).toBeNull();
    await world.propose(right, 2n * EPOCH_CAP);
    await world.guardianSends("EndorseRoot");
    expect(await world.distributor.getData()).toMatchObject({ endorsed: true });
    expect(await challenge(world, thief, wrong, right)).toContain("ROOT_ENDORSED");
    world.chain.advance(Terms.ENDORSE_SECONDS - 1);
    expect(await activate(world)).toContain("DELAY_OPEN");
    world.chain.advance(1);
    await activate(world);
    world.tree = right;
    await world.claim(alice, { deploy: true });
    expect((await alice.account.getData()).claimed).toBe(EPOCH_CAP);
  });

  test("pays out of the total it published and no more, whatever its leaf says", async () => {
    const { world, thief, wrong } = await finalWrongRoot();
    await world.claim(thief, { deploy: true, proof: wrong.proof(thief.address.hash) });
    expect((await world.distributor.getData()).totalPaid).toBe(2n * EPOCH_CAP);
  });
});

test("a pending root with a leaf above its total is vetoed by anybody: no challenge could protect that leaf later", async () => {
  const world = await RewardWorld.open({ pool: 20n * EPOCH_CAP });
  const alice = await world.contributor("alice");
  const honest = treeOf([[alice.address, EPOCH_CAP]]);
  await world.publish(honest);
  const within = treeOf([[alice.address, 2n * EPOCH_CAP]]);
  await world.propose(within, 2n * EPOCH_CAP);
  expect(await challenge(world, alice, honest, within)).toContain("NOT_A_DECREASE");
  await world.guardianSends("VetoRoot");
  const above = treeOf([[alice.address, 2n * EPOCH_CAP + 1n]]);
  await world.propose(above, 2n * EPOCH_CAP);
  expect(await challenge(world, alice, honest, above)).toBe("alice → distributor: ChallengeDecrease");
  expect((await world.distributor.getData()).pending).toBeNull();
});

describe("an endorsement", () => {
  test("names its root: one that took its place while the guardian's signers signed is not endorsed", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    const [read, other] = [10n, 11n].map((amount) => treeOf([[alice.address, amount]]));
    await world.propose(read!);
    const order = rootOrderBody("EndorseRoot", rootOf(read!));
    await world.guardianSends("VetoRoot");
    await world.propose(other!);
    expect((await world.send(world.guardian, order))[0]).toContain("ANOTHER_ROOT");
    expect(await world.distributor.getData()).toMatchObject({ endorsed: false });
  });

  test("is of the pending root only: the next root can be challenged again", async () => {
    const world = await RewardWorld.open();
    const [alice, bob] = [await world.contributor("alice"), await world.contributor("bob")];
    const first = treeOf([
      [alice.address, 10n],
      [bob.address, 10n],
    ]);
    await world.publish(first);
    const lower = treeOf([
      [alice.address, 9n],
      [bob.address, 11n],
    ]);
    await world.propose(lower);
    await world.guardianSends("EndorseRoot");
    await world.guardianSends("VetoRoot");
    expect(await world.distributor.getData()).toMatchObject({ pending: null, endorsed: false });
    await world.propose(lower);
    expect(await challenge(world, alice, first, lower)).toBe("alice → distributor: ChallengeDecrease");
  });

  test("needs a pending root, is given once, and shortens no delay", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    const endorse = async () => world.story((await world.guardianSends("EndorseRoot")).transactions)[0];
    expect(await endorse()).toContain("NO_ROOT_PENDING");
    expect(await proposal(world, treeOf([[alice.address, 5n]]))).toBe("publisher → distributor: ProposeRoot");
    await endorse();
    const { pending } = await world.distributor.getData();
    expect(pending!.activeAt).toBe(world.chain.time + Terms.ENDORSE_SECONDS);
    world.chain.advance(DAY);
    expect(await endorse()).toContain("ROOT_ENDORSED");
    expect((await world.distributor.getData()).pending).toEqual(pending);
    expect(rootOf(treeOf([[alice.address, 5n]]))).toBe(pending!.root);
  });
});

test("money for the pool may come with a message that names its amount, as the vault's does", async () => {
  const world = await RewardWorld.open({ pool: toNano(1) });
  const before = await world.chain.balanceOf(world.distributor.address);
  const { transactions } = await world.stranger.send({
    to: world.distributor.address,
    value: toNano(3),
    body: fundPoolBody(toNano(3)),
  });
  expect(world.story(transactions)).toEqual(["stranger → distributor: FundPool"]);
  expect((await world.chain.balanceOf(world.distributor.address)) - before).toBeGreaterThan(toNano("2.999"));
});
