/**
 * An account without a stake has a balance of nothing and owes rent all its life. The network takes that debt out of a bounced message
 * before any code runs, so whatever must still run on it needs the debt paid.
 */
import { toNano } from "@ton/core";
import type { CommonMessageInfoInternal } from "@ton/core";
import { describe, expect, test } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { ContributorAccountTerms } from "../wrappers/contributor-account-codes.ts";
import { relayCancelSlashBody, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { earnedWorld, expectNothingLost, interrupted, isActive, stateOf, wake } from "./test-earned.ts";
import { DAY, EPOCH_CAP, PLENTY, RewardWorld, treeOf } from "./test-rewards.ts";
import type { Contributor } from "./test-rewards.ts";

const YEAR = 365 * DAY;
const BOTH = ["june-2026", "before-april-2026"] as const;
const AGES = [1, 10, 40] as const;

/** More than two years' reserve and the gas of a stake, less than those and a year's rent. */
const RESERVE = { "june-2026": toNano("0.0055"), "before-april-2026": toNano("0.04") };

/** At the older prices a decade of rent is more than an account may owe: it is frozen, and a claim bounces off it. */
const freezes = (prices: Prices, years: number) => prices === "before-april-2026" && years >= 10;

/** Bob's account was made by a claim, has nothing, and is this old; since then he has earned 500 more. */
async function aged(prices: Prices, years: number) {
  const { world, alice, bob } = await earnedWorld({ prices });
  await world.claim(bob, { deploy: true });
  expect(await world.chain.balanceOf(bob.account.address)).toBe(0n);
  const last = await stateOf(world, bob);
  world.chain.advance(years * YEAR);
  await world.publish(
    treeOf([
      [alice.address, toNano(5)],
      [bob.address, toNano(507)],
    ]),
  );
  const claimValue = await world.distributor.getClaimValue({ deploy: false });
  const exact = claimValue + (await bob.account.getStorageDue());
  return { world, alice, bob, last, claimValue, exact };
}

describe.each(BOTH)("at the prices of %s", (prices) => {
  const living = AGES.filter((years) => !freezes(prices, years));

  describe.each(living)("an account of nothing that is %i years old", (years) => {
    test.each([
      ["exactly what it asks for", 0n],
      ["far more than that", toNano(1)],
    ])("loses nothing when its payout bounces, by a claim with %s", async (_, more) => {
      const { world, alice, bob, exact } = await aged(prices, years);
      const books = await world.chain.openBooks();
      const meanwhile = () => world.guardianSends("Freeze");
      await interrupted(world, [bob], { steps: 2, meanwhile, value: exact + more });
      books.close();
      expect(world.story(books.transactions)).toEqual(
        expect.arrayContaining([
          "bob's account → distributor: PayOut ✗ FROZEN",
          "distributor → bob's account: bounce",
          "bob's account → stranger: excess",
        ]),
      );
      expect((await bob.account.getData()).claimed).toBe(toNano(7));
      await world.unfreeze();
      await expectNothingLost(world, [alice, bob]);
    });

    test("is paid by a claim with exactly what it asks for, and then owes nothing", async () => {
      const { world, bob, exact } = await aged(prices, years);
      expect(await bob.account.getStorageDue()).toBeGreaterThan(0n);
      await world.claim(bob, { value: exact, by: world.stranger });
      expect((await bob.account.getData()).claimed).toBe(toNano(507));
      expect(await bob.account.getStorageDue()).toBe(0n);
    });

    test("refuses a claim that brings nothing for the rent, before it counts anything", async () => {
      const { world, alice, bob, claimValue } = await aged(prices, years);
      const { transactions } = await world.claim(bob, { value: claimValue, by: world.stranger });
      expect(world.story(transactions)[1]).toBe("distributor → bob's account: AccrueClaim ✗ VALUE_TOO_SMALL");
      await expectNothingLost(world, [alice, bob]);
    });

    test("has the rent paid on top of a stake, which is all there when it leaves", async () => {
      const { world, bob } = await aged(prices, years);
      const via = bob.wallet.getSender();
      const due = await bob.account.getStorageDue();
      await bob.account.sendStake(via, { value: toNano(10) + RESERVE[prices], amount: toNano(10) });
      expect((await bob.account.getData()).stake).toBe(0n);
      await bob.account.sendStake(via, { value: toNano(10) + RESERVE[prices] + due, amount: toNano(10) });
      await bob.account.sendRequestUnbond(via, { value: PLENTY, amount: toNano(10) });
      expect(await world.chain.balanceOf(bob.account.address)).toBeGreaterThanOrEqual(toNano(10));
      world.chain.advance(7 * DAY);
      await bob.account.sendWithdraw(via, PLENTY);
      expect((await bob.account.getData()).unbonding).toBe(0n);
    });

    test("refuses a slash, there being nothing to slash, and whoever relayed it has the value back less fees", async () => {
      const { world, bob } = await aged(prices, years);
      for (const [by, body] of [
        [world.publisher, relaySlashBody({ owner: bob.address, amount: 1n, reason: 0n })],
        [world.guardian, relayCancelSlashBody(bob.address)],
      ] as const) {
        const books = await world.chain.openBooks();
        expect((await world.send(by, body)).at(-1)).toMatch(/distributor → (publisher|guardian): excess/);
        expect(await books.change(by.address)).toBe(-books.fees + books.rent(world.distributor.address));
      }
    });
  });

  test.each(AGES)(
    "a distributor of nothing that is %i years old passes a bounce on, less the rent it owes",
    async (years) => {
      const world = await RewardWorld.open({ prices, pool: toNano("0.005") });
      const bob = await world.contributor("bob");
      world.chain.advance(years * YEAR);
      const books = await world.chain.openBooks();
      await world.send(world.publisher, relaySlashBody({ owner: bob.address, amount: 1n, reason: 0n }));
      books.close();
      expect(await books.change(world.publisher.address)).toBeGreaterThan(-toNano("0.1") - books.fees);
      expect(await world.chain.balanceOf(world.distributor.address)).toBe(0n);
    },
  );
});

test("a slash of a stake that rent has eaten takes what is there and no more", async () => {
  const world = await RewardWorld.open();
  const bob = await world.contributor("bob");
  const stake = toNano("0.01");
  await bob.account.sendStake(bob.wallet.getSender(), { value: toNano(1), amount: stake });
  world.chain.advance(7 * YEAR);
  const amount = (stake * 30n) / 100n;
  await world.send(world.publisher, relaySlashBody({ owner: bob.address, amount, reason: 0n }));
  world.chain.advance(ContributorAccountTerms.APPEAL_SECONDS);
  const books = await world.chain.openBooks();
  await bob.account.sendExecuteSlash(world.stranger.getSender(), PLENTY);
  books.close();
  const seized = books.transactions.find(
    ({ inMessage }) => inMessage?.info.dest?.toString() === world.refunds.address.toString(),
  );
  const { value } = seized!.inMessage!.info as CommonMessageInfoInternal;
  expect(value.coins).toBeGreaterThan(0n);
  expect(value.coins).toBeLessThan(amount);
  expect(await world.chain.balanceOf(bob.account.address)).toBe(0n);
});

test.each(AGES.filter((years) => freezes("before-april-2026", years)))(
  "at the older prices a claim bounces off an account that %i years of rent have frozen, and loses nothing",
  async (years) => {
    const { world, alice, bob, last, exact } = await aged("before-april-2026", years);
    const books = await world.chain.openBooks();
    await interrupted(world, [bob], { steps: 1, meanwhile: () => world.guardianSends("Freeze"), value: exact });
    books.close();
    expect(world.story(books.transactions)).toContain("distributor → stranger: excess");
    expect(await isActive(world, bob)).toBe(false);
    await world.unfreeze();
    await wake(world, bob, last);
    expect((await bob.account.getData()).claimed).toBe(toNano(7));
    await expectNothingLost(world, [alice, bob]);
  },
);

test("an account whose claims bring its rent is not frozen, however old it grows", async () => {
  // At the older prices eight years of debt freeze an account.
  const world = await RewardWorld.open({ prices: "before-april-2026" });
  const bob = await world.contributor("bob");
  await world.publish(treeOf([[bob.address, toNano(1)]]));
  await world.claim(bob, { deploy: true });
  for (const amount of [2, 3, 4, 5, 6].map((coins) => toNano(coins))) {
    world.chain.advance(5 * YEAR);
    await world.publish(treeOf([[bob.address, amount]]));
    await world.claim(bob);
    expect(await isActive(world, bob)).toBe(true);
    expect((await bob.account.getData()).claimed).toBe(amount);
  }
});

test("who claims every month for two years and never pays rent otherwise loses nothing by a payout that bounces", async () => {
  const world = await RewardWorld.open();
  const bob = await world.contributor("bob");
  await world.publish(treeOf([[bob.address, toNano(1)]]));
  await world.claim(bob, { deploy: true });
  for (let month = 2; month <= 24; month++) {
    world.chain.advance(29 * DAY);
    await world.publish(treeOf([[bob.address, toNano(month)]]));
    const due = await bob.account.getStorageDue();
    // A month's rent each time: what the claim before left here has paid what was owed then.
    expect(due).toBeLessThan(toNano("0.0003"));
    await world.claim(bob, { value: (await world.distributor.getClaimValue({ deploy: false })) + due });
    expect((await bob.account.getData()).claimed).toBe(toNano(month));
  }
  world.chain.advance(29 * DAY);
  await world.publish(treeOf([[bob.address, toNano(500)]]));
  const value = (await world.distributor.getClaimValue({ deploy: false })) + (await bob.account.getStorageDue());
  await interrupted(world, [bob], { steps: 2, meanwhile: () => world.guardianSends("Freeze"), value });
  expect((await bob.account.getData()).claimed).toBe(toNano(24));
});

test("a sponsor's batch out of a pool that holds a hair too little: the last one bounces and is paid later", async () => {
  const world = await RewardWorld.open({ pool: toNano("30.02") });
  const [ann, ben] = [await world.contributor("ann"), await world.contributor("ben")];
  const both = (amount: bigint) =>
    treeOf([
      [ann.address, amount],
      [ben.address, amount],
    ]);
  await world.publish(both(toNano(1)));
  for (const one of [ann, ben]) await world.claim(one, { deploy: true, by: world.stranger });
  await world.publish(both(toNano(15)));
  world.chain.advance(2 * YEAR);
  const value = (await world.distributor.getClaimValue({ deploy: false })) + (await ann.account.getStorageDue());
  const books = await world.chain.openBooks();
  await interrupted(world, [ann, ben], { steps: 2, value });
  expect(world.story(books.transactions)).toContain("ben's account → distributor: PayOut ✗ POOL_EMPTY");
  expect((await ben.account.getData()).claimed).toBe(toNano(1));
  await world.distributor.sendFund(world.stranger.getSender(), toNano(1));
  await expectNothingLost(world, [ann, ben]);
});

test("a stranger who orders two people's claims so that the second bounces takes nothing from anybody", async () => {
  const world = await RewardWorld.open({ pool: 20n * EPOCH_CAP });
  const people: Contributor[] = [];
  for (const name of ["ann", "ben", "cyn", "dan"]) people.push(await world.contributor(name));
  const each = (amount: bigint) => treeOf(people.map(({ address }) => [address, amount]));
  await world.publish(each(toNano(1)));
  for (const one of people) await world.claim(one, { deploy: true });
  world.chain.advance(300 * DAY);
  // A month of earnings, half a cap a day in all: more is owed than the bucket holds.
  for (let day = 1n; day <= 30n; day++) await world.publish(each(toNano(1) + day * toNano(125)));
  const [first, victim] = [people[0]!, people[3]!];
  const claimValue = await world.distributor.getClaimValue({ deploy: false });
  for (const rent of [0n, await victim.account.getStorageDue()]) {
    await interrupted(world, [first, victim], { steps: 4, value: claimValue + rent });
    await expectNothingLost(world, people, false);
  }
  expect((await victim.account.getData()).claimed).toBe(toNano(1));
  world.chain.advance(30 * DAY);
  await world.claim(victim);
  expect((await victim.account.getData()).claimed).toBeGreaterThan(3n * EPOCH_CAP);
});
