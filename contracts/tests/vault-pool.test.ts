/** The hot wallet feeds the reward pool out of an allowance of its own: what goes there leaves the pool only by leaves, so a thief gains nothing. */
import { beginCell } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import { ContributorAccountOp } from "../wrappers/contributor-account-codes.ts";
import { RewardDistributorOp } from "../wrappers/reward-distributor-codes.ts";
import { Vault, vaultBody } from "../wrappers/Vault.ts";
import { VaultError, VaultTerms } from "../wrappers/vault-codes.ts";
import { addressIn, coins, DAILY_LIMIT, ENOUGH, exitCodeAt, fundsWorld, POOL_LIMIT } from "./test-funds.ts";

describe("the hot wallet funds the reward pool", () => {
  test("with what it says and what it attached beyond the fees; its own daily allowance stays", async () => {
    const { chain, vault, pool, parties, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toVault("hot", vaultBody.payPool({ amount: coins(15) }));
    expect(exitCode).toBe(0);
    expect(transactions.map(addressIn)).toEqual([parties.hot, vault, pool].map(({ address }) => address.toString()));
    const body = transactions[2]!.inMessage!.body.beginParse();
    expect([body.loadUint(32), body.loadUint(64), body.loadCoins()]).toEqual([
      RewardDistributorOp.FundPool,
      0,
      coins(15),
    ]);
    expect(await books.change(vault.address)).toBe(-coins(15));
    expect(await books.change(pool.address)).toBeGreaterThan(coins(15));
    expect(await vault.getState()).toMatchObject({ left: DAILY_LIMIT, poolLeft: POOL_LIMIT - coins(15) });
    books.close();
  });

  test("up to its limit, which comes back evenly over a day", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    expect((await toVault("hot", vaultBody.payPool({ amount: POOL_LIMIT }))).exitCode).toBe(0);
    expect((await toVault("hot", vaultBody.payPool({ amount: 1n }))).exitCode).toBe(VaultError.OVER_POOL_LIMIT);
    expect((await toVault("hot", vaultBody.payHot({ amount: DAILY_LIMIT }))).exitCode).toBe(0);
    chain.advance(VaultTerms.ALLOWANCE_PERIOD / 4);
    expect(await vault.getState()).toMatchObject({ left: DAILY_LIMIT / 4n, poolLeft: POOL_LIMIT / 4n });
  });

  test("not where the balance above the reserve does not hold it, and nobody but the hot wallet does", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    for (const party of ["stranger", "guardian", "treasury"] as const)
      expect((await toVault(party, vaultBody.payPool({ amount: 1n }))).exitCode).toBe(VaultError.NOT_HOT);
    (await chain.getContract(vault.address)).balance = coins(5);
    expect((await toVault("hot", vaultBody.payPool({ amount: coins(5) }))).exitCode).toBe(VaultError.BALANCE_TOO_LOW);
  });

  test("and gets its allowance back where the pool refuses the money", async () => {
    const { chain, vault, parties } = await fundsWorld();
    const state = await vault.getState();
    // Another vault knows no FundPool and stands where the pool should be.
    const { hot } = parties;
    const misled = chain.openContract(Vault.of({ ...state, purpose: "till", distributor: vault.address }));
    await misled.sendDeposit(parties.stranger.getSender(), { value: coins(30), userId: 1n });
    const books = await chain.openBooks();
    const order = { to: misled.address, value: ENOUGH, body: vaultBody.payPool({ amount: coins(7) }) };
    const { transactions } = await hot.send(order);
    expect(transactions.map(addressIn)).toEqual([hot, misled, vault, misled].map(({ address }) => address.toString()));
    expect(await misled.getState()).toMatchObject({ left: DAILY_LIMIT, poolLeft: POOL_LIMIT });
    expect(await books.change(misled.address)).toBeGreaterThan(0n);
    books.close();
  });

  test("and a bounce gives back one allowance only, by no more than came back", async () => {
    const { chain, vault, pool, toVault } = await fundsWorld();
    await toVault("hot", vaultBody.payHot({ amount: coins(3) }));
    await toVault("hot", vaultBody.payPool({ amount: coins(3) }));
    const refused = beginCell()
      .storeUint(0xffffffff, 32)
      .storeUint(RewardDistributorOp.FundPool, 32)
      .storeUint(0, 64)
      .storeCoins(coins(3));
    const back = { from: pool.address, to: vault.address, value: coins(1), body: refused.endCell(), bounced: true };
    await chain.sendMessage(internal(back));
    const { left, poolLeft } = await vault.getState();
    expect(left).toBe(coins(2));
    expect(poolLeft).toBeLessThanOrEqual(POOL_LIMIT - coins(2));
    expect(poolLeft).toBeGreaterThan(POOL_LIMIT - coins(2.001));
  });
});

test("a stop ends both allowances at once and drops limits proposed before it; new ones go on where the old ones were", async () => {
  const { chain, vault, toVault } = await fundsWorld();
  await toVault("hot", vaultBody.payHot({ amount: coins(3) }));
  await toVault("hot", vaultBody.payPool({ amount: coins(8) }));
  chain.advance(VaultTerms.ALLOWANCE_PERIOD / 5);
  const again = { kind: "setLimits", dailyLimit: DAILY_LIMIT, poolLimit: POOL_LIMIT } as const;
  await toVault("guardian", vaultBody.propose({ what: again }));
  expect((await toVault("treasury", vaultBody.stopHot())).exitCode).toBe(0);
  expect(await vault.getState()).toMatchObject({
    dailyLimit: 0n,
    left: 0n,
    poolLimit: 0n,
    poolLeft: 0n,
    proposal: null,
  });
  expect((await toVault("hot", vaultBody.payHot({ amount: 1n }))).exitCode).toBe(VaultError.OVER_DAILY_LIMIT);
  expect((await toVault("hot", vaultBody.payPool({ amount: 1n }))).exitCode).toBe(VaultError.OVER_POOL_LIMIT);
  await toVault("treasury", vaultBody.propose({ what: again }));
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
  // What had not run off when it was stopped still counts: stop and start do not double a day's limit.
  expect(await vault.getState()).toMatchObject({ left: coins(3), poolLeft: POOL_LIMIT - coins(4) });
});

test("limits that change leave what was drawn as it was, and the past runs off at the pace it had", async () => {
  const { chain, vault, toVault } = await fundsWorld();
  await toVault("hot", vaultBody.payHot({ amount: coins(4) }));
  await toVault("hot", vaultBody.payPool({ amount: coins(16) }));
  chain.advance(VaultTerms.ALLOWANCE_PERIOD / 5);
  const what = { kind: "setLimits", dailyLimit: coins(50), poolLimit: coins(6) } as const;
  await toVault("guardian", vaultBody.propose({ what }));
  await toVault("treasury", vaultBody.approve({ what }));
  expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
  // Three of the four coins and twelve of the sixteen still count.
  const state = await vault.getState();
  expect(state).toMatchObject({ dailyLimit: coins(50), left: coins(47), poolLimit: coins(6), poolLeft: 0n });
  chain.advance(VaultTerms.ALLOWANCE_PERIOD);
  expect((await vault.getState()).poolLeft).toBe(0n);
  chain.advance(VaultTerms.ALLOWANCE_PERIOD / 2);
  expect((await vault.getState()).poolLeft).toBe(coins(3));
});

describe("vaults of one code", () => {
  test("differ in address by purpose and by pool, and say what they are for", async () => {
    const { chain, vault, parties } = await fundsWorld();
    const state = await vault.getState();
    const configs = [
      state,
      { ...state, purpose: "till" as const },
      { ...state, purpose: "refunds" as const, distributor: null },
      { ...state, distributor: parties.owner.address },
    ];
    const vaults = configs.map((config) => chain.openContract(Vault.of(config)));
    expect(new Set(vaults.map(({ address }) => address.toString())).size).toBe(4);
    for (const [index, each] of vaults.entries()) {
      await each.sendDeposit(parties.stranger.getSender(), { value: coins(1), userId: 1n });
      const { purpose, distributor } = await each.getState();
      expect(purpose).toBe(configs[index]!.purpose);
      expect(distributor?.toString()).toBe(configs[index]!.distributor?.toString());
    }
  });

  test("a vault for refunds takes the proceeds of a slash and funds no pool", async () => {
    const { chain, vault, parties } = await fundsWorld();
    const config = { ...(await vault.getState()), purpose: "refunds" as const, distributor: null };
    const refunds = chain.openContract(Vault.of(config));
    await refunds.sendDeposit(parties.stranger.getSender(), { value: coins(1), userId: 1n });
    const books = await chain.openBooks();
    const proceeds = beginCell()
      .storeUint(ContributorAccountOp.SlashProceeds, 32)
      .storeUint(0, 64)
      .storeAddress(parties.owner.address);
    await chain.sendMessage(
      internal({
        from: parties.owner.address,
        to: refunds.address,
        value: coins(3),
        bounce: false,
        body: proceeds.endCell(),
      }),
    );
    expect(await books.change(refunds.address)).toBeGreaterThan(coins(2.999));
    const order = { to: refunds.address, value: ENOUGH, body: vaultBody.payPool({ amount: 1n }) };
    const { transactions } = await parties.hot.send(order);
    expect(exitCodeAt(transactions, refunds.address)).toBe(VaultError.NO_DISTRIBUTOR);
    books.close();
  });
});
