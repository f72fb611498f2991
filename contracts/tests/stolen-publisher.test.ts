import { toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { RewardDistributorTerms as Terms } from "../wrappers/reward-distributor-codes.ts";
import { namePublisherBody, proposeRootBody } from "../wrappers/RewardDistributor.ts";
import { earnedWorld } from "./test-earned.ts";
import { DAY, EPOCH_CAP, PLENTY, treeOf } from "./test-rewards.ts";

describe("a stolen publisher key", () => {
  test("takes three epoch caps at once and two an epoch until the guardian freezes; then honest leaves are still paid in full", async () => {
    const { world, alice, bob } = await earnedWorld({ pool: 20n * EPOCH_CAP });
    const thief = await world.contributor("thief");
    const honest = world.tree!;
    await world.claim(bob, { deploy: true });
    // Ten honest epochs pass in which alice earns the cap and claims nothing.
    const earnings = 10n * EPOCH_CAP;
    for (let epoch = 1n; epoch <= 10n; epoch++)
      await world.publish(
        treeOf([
          [alice.address, epoch * EPOCH_CAP],
          [bob.address, toNano(7)],
        ]),
      );
    const good = world.tree!;
    await world.publish(
      treeOf([
        [alice.address, earnings],
        [bob.address, toNano(7)],
        [thief.address, 15n * EPOCH_CAP],
      ]),
      (await world.distributor.getData()).totalCum + EPOCH_CAP,
    );
    await world.claim(thief, { deploy: true });
    const stolenAtOnce = (await thief.account.getData()).claimed;
    expect(stolenAtOnce).toBeLessThanOrEqual(BigInt(Terms.BUCKET_EPOCHS) * EPOCH_CAP);
    world.chain.advance(DAY);
    await world.claim(thief);
    expect((await thief.account.getData()).claimed).toBe(stolenAtOnce + BigInt(Terms.REFILL_EPOCHS) * EPOCH_CAP);

    await world.guardianSends("Freeze");
    await world.guardianSends("RevokeRoot");
    await world.send(world.guardian, namePublisherBody({ publisher: world.stranger.address, dismiss: true }));
    const locked = await world.publisher.send({
      to: world.distributor.address,
      value: PLENTY,
      body: proposeRootBody({ epoch: 13, root: 1n, totalCum: 1n, dataHash: 0n }),
    });
    expect(world.story(locked.transactions)[0]).toContain("NOT_THE_PUBLISHER");
    await world.unfreeze();
    expect(world.story((await world.claim(thief)).transactions)[0]).toContain("FORGED_PROOF");

    // The operator refills the loss; alice's earnings are paid to the last nano unit as the bucket refills.
    await world.distributor.sendFund(world.stranger.getSender(), 10n * EPOCH_CAP);
    for (let day = 0; day < 10; day++) {
      world.chain.advance(DAY);
      await world.claim(alice, { proof: good.proof(alice.address.hash) });
    }
    expect((await alice.account.getData()).claimed).toBe(earnings);
    expect(honest.amountOf(thief.address.hash)).toBe(0n);
  });
});
