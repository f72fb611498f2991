import { toNano } from "@ton/core";
import { describe, expect, test } from "vitest";
import { ContributorAccountTerms as Terms } from "../wrappers/contributor-account-codes.ts";
import { earnedWorld, expectNothingLost, isActive, stateOf, wake } from "./test-earned.ts";
import { DAY, deepTree, PLENTY, treeOf } from "./test-rewards.ts";

/** Values tried between nothing and more than enough. */
const SWEEP = process.env["LONG_TESTS"] ? 500 : 32;

describe.each(["june-2026", "before-april-2026"] as const)("at the prices of %s", (prices) => {
  test("no trigger, however starved of gas, loses a claim or moves a stake", { timeout: 600_000 }, async () => {
    const { world, alice, bob } = await earnedWorld({ prices });
    const enough = await world.distributor.getClaimValue({ deploy: false });
    const start = world.chain.snapshot();
    let paid = 0;
    for (let step = 0; step < SWEEP; step++) {
      await world.chain.loadFrom(start);
      const books = await world.chain.openBooks();
      await world.claim(alice, { value: 1n + (enough * BigInt(step)) / BigInt(SWEEP), by: world.stranger });
      books.close();
      const { claimed, stake } = await alice.account.getData();
      expect([claimed, stake]).toEqual([(await world.distributor.getData()).totalPaid, toNano(2)]);
      if (claimed > 0n) paid++;
    }
    // A shallow proof needs less than the required value, so the sweep has seen both outcomes.
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThan(SWEEP);
    await expectNothingLost(world, [alice, bob]);
  });

  test("the value the contract requires of a claim is enough at a million leaves, with or without a deployment", async () => {
    const { world, bob } = await earnedWorld({ prices });
    for (const [amount, deploy] of [
      [toNano(8), true],
      [toNano(9), false],
    ] as const) {
      await world.publish(deepTree(bob.address, amount, 26), toNano(20));
      await world.claim(bob, { deploy, value: await world.distributor.getClaimValue({ deploy }) });
      expect((await bob.account.getData()).claimed).toBe(amount);
    }
  });

  test.each([10, 40])("after %i years earnings are paid once, and a stake is paid out less its rent", async (years) => {
    const { world, alice, bob } = await earnedWorld({ prices, pool: toNano(20) });
    await world.claim(bob, { deploy: true });
    const last = await stateOf(world, bob);
    world.chain.advance(years * 365 * DAY);
    await world.publish(
      treeOf([
        [alice.address, toNano(6)],
        [bob.address, toNano(8)],
      ]),
    );
    await world.claim(bob, { deploy: true });
    // At the older prices a decade of rent freezes an account. Only its last state unfreezes it, not a fresh one.
    const frozen = !(await isActive(world, bob));
    expect(frozen).toBe(prices === "before-april-2026");
    if (frozen) await wake(world, bob, last);
    await expectNothingLost(world, [alice, bob]);
    expect((await world.distributor.getData()).totalPaid).toBe(toNano(14));
    await alice.account.sendRequestUnbond(alice.wallet.getSender(), { value: PLENTY, amount: toNano(2) });
    world.chain.advance(Terms.UNBOND_SECONDS);
    const books = await world.chain.openBooks();
    await alice.account.sendWithdraw(alice.wallet.getSender(), PLENTY);
    expect(await books.change(alice.address)).toBeGreaterThan(toNano("1.3"));
  });
});
