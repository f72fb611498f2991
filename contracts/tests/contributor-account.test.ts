import { toNano } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { ContributorAccountOp, ContributorAccountTerms as Terms } from "../wrappers/contributor-account-codes.ts";
import { relayCancelSlashBody, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { DAY, PLENTY, RewardWorld, storagePaid } from "./test-rewards.ts";
import type { Contributor } from "./test-rewards.ts";

async function staked(amount = toNano(100), prices: Prices = "june-2026") {
  const world = await RewardWorld.open({ pool: 0n, prices });
  const alice = await world.contributor("alice");
  // The distributor must be deployed to relay.
  await world.distributor.sendFund(world.stranger.getSender(), toNano(1));
  await alice.account.sendStake(alice.wallet.getSender(), { value: amount + toNano(1), amount });
  const relay = (by: typeof world.publisher, body: ReturnType<typeof relaySlashBody>) =>
    by.send({ to: world.distributor.address, value: PLENTY, body });
  const slash = async (percent: bigint, owner = alice) =>
    world.story(
      (await relay(world.publisher, relaySlashBody({ owner: owner.address, amount: percent * toNano(1), reason: 7n })))
        .transactions,
    );
  const cancel = async (owner = alice) =>
    world.story((await relay(world.guardian, relayCancelSlashBody(owner.address))).transactions);
  const execute = async () =>
    world.story((await alice.account.sendExecuteSlash(world.stranger.getSender(), PLENTY)).transactions);
  const withdraw = async () =>
    world.story((await alice.account.sendWithdraw(alice.wallet.getSender(), PLENTY)).transactions);
  const unbond = async (percent: bigint) =>
    world.story(
      (
        await alice.account.sendRequestUnbond(alice.wallet.getSender(), {
          value: PLENTY,
          amount: percent * toNano(1),
        })
      ).transactions,
    );
  return { world, alice, slash, cancel, execute, withdraw, unbond };
}

const sums = async ({ account }: Contributor) => {
  const { stake, unbonding, disputed } = await account.getData();
  return { stake: stake / toNano(1), unbonding: unbonding / toNano(1), disputed: disputed / toNano(1) };
};

describe("a stake", () => {
  test("deploys the account and is exactly the amount; the rest except a storage reserve is refunded", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    const books = await world.chain.openBooks();
    const { transactions } = await alice.account.sendStake(alice.wallet.getSender(), {
      value: toNano(11),
      amount: toNano(10),
    });
    expect(world.story(transactions)).toEqual(["alice → alice's account: Stake", "alice's account → alice: excess"]);
    books.close();
    const kept = await books.change(alice.account.address);
    expect(kept).toBeGreaterThan(toNano(10));
    expect(kept).toBeLessThan(toNano("10.01"));
    expect(await books.change(alice.address)).toBe(-kept - books.fees);
    expect((await alice.account.getData()).stake).toBe(toNano(10));
    const computed = await world.distributor.getAccountAddress(alice.address);
    expect(computed.equals(alice.account.address)).toBe(true);
  });

  test("grows by a top-up, and a gift without a message counts for storage only", async () => {
    const { world, alice } = await staked();
    await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(6), amount: toNano(5) });
    await world.stranger.send({ to: alice.account.address, value: toNano(1) });
    expect((await alice.account.getData()).stake).toBe(toNano(105));
  });

  test("is refused whole when its value does not cover it", async () => {
    const world = await RewardWorld.open();
    const alice = await world.contributor("alice");
    const { transactions } = await alice.account.sendStake(alice.wallet.getSender(), {
      value: toNano(10),
      amount: toNano(10),
    });
    expect(world.story(transactions)).toEqual([
      "alice → alice's account: Stake ✗ VALUE_TOO_SMALL",
      "alice's account → alice: bounce",
    ]);
    expect(await world.chain.balanceOf(alice.account.address)).toBe(0n);
  });

  test.each(["june-2026", "before-april-2026"] as const)(
    "pays no gas: what is less than a refund costs stays above it, and is refunded with the owner's next message, at the prices of %s",
    async (prices) => {
      const { world, alice } = await staked(toNano(100), prices);
      const { chain } = world;
      const unbond = async (value: bigint) => {
        const amount = toNano(1);
        const { transactions } = await alice.account.sendRequestUnbond(alice.wallet.getSender(), { value, amount });
        const refunded = transactions[2]?.inMessage?.info;
        return {
          gas: transactions[1]!.totalFees.coins,
          refund: refunded?.type === "internal" ? refunded.value.coins : 0n,
          there: await chain.balanceOf(alice.account.address),
        };
      };
      const there = await chain.balanceOf(alice.account.address);
      // Two are sent: the first one makes room for the time of unbonding.
      await unbond(PLENTY);
      const before = await unbond(PLENTY);
      expect(before.there).toBe(there);
      const gas = PLENTY - before.refund - chain.messagePrice;
      const left = chain.messagePrice - 1n;
      expect(await unbond(gas + left)).toEqual({ gas, refund: 0n, there: there + left });
      expect(await unbond(PLENTY)).toEqual({ ...before, refund: before.refund + left });
    },
  );
});

describe("unbonding", () => {
  test("pays after seven days, starts again with a new request, and never pays what is still at stake", async () => {
    const { world, alice, unbond, withdraw } = await staked();
    await unbond(40n);
    expect((await withdraw())[0]).toContain("STILL_UNBONDING");
    world.chain.advance(6 * DAY);
    await unbond(10n);
    world.chain.advance(DAY);
    expect((await withdraw())[0]).toContain("STILL_UNBONDING");
    world.chain.advance(6 * DAY);
    const books = await world.chain.openBooks();
    expect(await withdraw()).toEqual(["alice → alice's account: WithdrawUnbonded", "alice's account → alice: excess"]);
    books.close();
    expect(await sums(alice)).toEqual({ stake: 50n, unbonding: 0n, disputed: 0n });
    expect(await books.change(alice.address)).toBeGreaterThan(toNano("49.99"));
    expect((await withdraw())[0]).toContain("NOTHING_UNBONDED");
    expect((await unbond(51n))[0]).toContain("ABOVE_STAKE");
    expect((await unbond(0n))[0]).toContain("NO_AMOUNT");
  });
});

describe("a slash", () => {
  test("is paid to the refunds' address by anybody after three days, out of unbonding first, and the owner pays no fee for it", async () => {
    const { world, alice, slash, execute, unbond } = await staked();
    await unbond(20n);
    expect(await slash(30n)).toEqual([
      "publisher → distributor: RelaySlash",
      "distributor → alice's account: ProposeSlash",
      "alice's account → publisher: excess",
    ]);
    expect((await execute())[0]).toContain("APPEAL_OPEN");
    world.chain.advance(3 * DAY);
    const books = await world.chain.openBooks();
    expect(await execute()).toEqual([
      "stranger → alice's account: ExecuteSlash",
      "alice's account → refunds: SlashProceeds",
      "alice's account → stranger: excess",
    ]);
    books.close();
    const { address } = alice.account;
    expect(await books.change(address)).toBe(-toNano(30) - storagePaid(books.transactions, address));
    const refunded = await books.change(world.refunds.address);
    expect(refunded).toBeGreaterThan(toNano("29.99"));
    const notice = books.transactions.find(({ inMessage }) =>
      inMessage?.info.dest?.toString().includes(world.refunds.address.toString()),
    );
    const body = notice!.inMessage!.body.beginParse();
    expect([body.loadUint(32), body.skip(64).loadAddress().toString()]).toEqual([
      ContributorAccountOp.SlashProceeds,
      alice.address.toString(),
    ]);
    expect(await sums(alice)).toEqual({ stake: 70n, unbonding: 0n, disputed: 0n });
    expect((await execute())[0]).toContain("NO_SLASH_PENDING");
  });

  test("above 30 % is refused, at once and added up over thirty days without one", async () => {
    const { world, slash, execute } = await staked();
    expect((await slash(31n)).at(-3)).toContain("ABOVE_SLASH_CAP");
    await slash(20n);
    expect((await slash(1n)).at(-3)).toContain("SLASH_PENDING");
    world.chain.advance(3 * DAY);
    await execute();
    expect((await slash(11n)).at(-3)).toContain("ABOVE_SLASH_CAP");
    world.chain.advance(26 * DAY);
    await slash(10n);
    world.chain.advance(3 * DAY);
    await execute();
    expect((await slash(1n)).at(-3)).toContain("ABOVE_SLASH_CAP");
    world.chain.advance(29 * DAY);
    expect((await slash(1n)).at(-3)).toContain("ABOVE_SLASH_CAP");
    world.chain.advance(DAY);
    expect((await slash(21n)).at(-1)).toContain("excess");
  });

  test("has the same cap in the second window as in the first", async () => {
    const { world, alice, slash, execute } = await staked();
    for (const percent of [30n, 21n]) {
      await slash(percent);
      world.chain.advance(3 * DAY);
      await execute();
      expect((await slash(14n)).at(-3)).toContain("ABOVE_SLASH_CAP");
      world.chain.advance(30 * DAY);
    }
    expect(await sums(alice)).toEqual({ stake: 49n, unbonding: 0n, disputed: 0n });
  });

  test("that nobody executes in seven days after the appeal is void: it holds nothing, and another must wait thirty days", async () => {
    const { world, alice, slash, cancel, execute, unbond, withdraw } = await staked();
    await slash(30n);
    await unbond(100n);
    world.chain.advance(Terms.APPEAL_SECONDS + Terms.DISPUTE_SECONDS - 1);
    await withdraw();
    expect(await sums(alice)).toEqual({ stake: 0n, unbonding: 30n, disputed: 30n });
    world.chain.advance(1);
    expect(await sums(alice)).toEqual({ stake: 0n, unbonding: 30n, disputed: 0n });
    expect((await execute())[0]).toContain("DISPUTE_EXPIRED");
    expect((await cancel()).at(-3)).toContain("NO_SLASH_PENDING");
    world.chain.advance(Terms.COOL_DOWN_SECONDS - 1);
    expect((await slash(1n)).at(-3)).toContain("COOLING_DOWN");
    await withdraw();
    expect(await sums(alice)).toEqual({ stake: 0n, unbonding: 0n, disputed: 0n });
    await alice.account.sendStake(alice.wallet.getSender(), { value: toNano(101), amount: toNano(100) });
    expect((await slash(30n)).at(-1)).toContain("excess");
  });

  test("does not reach what is ripe to leave: its owner takes it home while the slash is under way, so only `stake` weighs", async () => {
    const { world, alice, unbond } = await staked();
    await unbond(60n);
    world.chain.advance(Terms.UNBOND_SECONDS);
    const body = relaySlashBody({ owner: alice.address, amount: toNano(30), reason: 0n });
    const { address: from } = world.publisher;
    const message = internal({ from, to: world.distributor.address, value: PLENTY, body });
    const slash = await world.chain.sendMessageIter(message, { allowParallel: true });
    await slash.next();
    await alice.account.sendWithdraw(alice.wallet.getSender(), PLENTY);
    for await (const _ of slash);
    // Thirty per cent are now of what is left.
    expect(await sums(alice)).toEqual({ stake: 40n, unbonding: 0n, disputed: 0n });
  });

  test("freezes the disputed amount only, also while everything is unbonding", async () => {
    const { world, alice, slash, unbond, withdraw, execute } = await staked();
    await unbond(100n);
    world.chain.advance(6 * DAY);
    await slash(30n);
    world.chain.advance(DAY);
    await withdraw();
    expect(await sums(alice)).toEqual({ stake: 0n, unbonding: 30n, disputed: 30n });
    expect((await withdraw())[0]).toContain("NOTHING_FREE");
    world.chain.advance(2 * DAY);
    await execute();
    expect(await sums(alice)).toEqual({ stake: 0n, unbonding: 0n, disputed: 0n });
  });

  test("that the guardian cancels frees all of it and starts thirty days without slashes", async () => {
    const { world, alice, slash, cancel, execute } = await staked();
    await slash(30n);
    expect((await cancel()).at(-1)).toBe("alice's account → guardian: excess");
    expect((await execute())[0]).toContain("NO_SLASH_PENDING");
    world.chain.advance(29 * DAY);
    expect((await slash(1n)).at(-3)).toContain("COOLING_DOWN");
    world.chain.advance(DAY);
    expect((await slash(1n)).at(-1)).toContain("excess");
    expect(await sums(alice)).toEqual({ stake: 100n, unbonding: 0n, disputed: 1n });
    await cancel();
    expect((await cancel()).at(-3)).toContain("NO_SLASH_PENDING");
  });

  test("is limited in number: the distributor relays at most five a day", async () => {
    const { world, slash } = await staked();
    const names = ["bob", "carol", "dave", "erin", "frank", "grace"];
    for (const name of names.slice(0, 5)) await slash(1n, await world.contributor(name));
    expect((await slash(1n))[0]).toBe("publisher → distributor: RelaySlash ✗ TOO_MANY_SLASHES");
    world.chain.advance(DAY);
    expect((await slash(1n)).at(-1)).toContain("excess");
  });

  test("of somebody without an account is refunded", async () => {
    const { world, slash } = await staked();
    const story = await slash(1n, await world.contributor("bob"));
    expect(story.slice(1)).toEqual([
      "distributor → bob's account: ProposeSlash ✗ no-state",
      "bob's account → distributor: bounce",
      "distributor → publisher: excess",
    ]);
  });
});
