/** The stack as it is deployed: a vault for refunds, the distributor that names it, and a vault for deposits that funds the distributor's pool. */
import { toNano } from "@ton/core";
import { expect, test } from "vitest";
import { ContributorAccount } from "../wrappers/ContributorAccount.ts";
import { ContributorAccountTerms } from "../wrappers/contributor-account-codes.ts";
import { RewardDistributor, relaySlashBody } from "../wrappers/RewardDistributor.ts";
import { Vault, vaultBody } from "../wrappers/Vault.ts";
import { TestChain } from "./test-chain.ts";
import { DAY, EPOCH_CAP, PLENTY, rootOf, treeOf } from "./test-rewards.ts";

/** No address depends on another one that depends on it. */
async function stack() {
  const chain = await TestChain.open();
  const hot = await chain.treasury("hot");
  const [guardian, treasury] = [(await chain.treasury("guardian")).address, (await chain.treasury("treasury")).address];
  const roles = { guardian, treasury, hot: hot.address };
  const refunds = chain.openContract(
    Vault.of({ ...roles, purpose: "refunds", distributor: null, dailyLimit: 0n, poolLimit: 0n }),
  );
  const stranger = await chain.treasury("stranger");
  const publisher = await chain.treasury("publisher");
  const terms = { epochCap: EPOCH_CAP, epochSeconds: DAY, delaySeconds: DAY, slashesPerDay: 5 };
  const distributor = chain.openContract(
    RewardDistributor.fromTerms({
      ...terms,
      publisher: publisher.address,
      guardian,
      treasury,
      refunds: refunds.address,
    }),
  );
  const limits = { dailyLimit: toNano(5), poolLimit: toNano(2000) };
  const deposits = chain.openContract(
    Vault.of({ ...roles, ...limits, purpose: "deposits", distributor: distributor.address }),
  );
  for (const vault of [refunds, deposits])
    await vault.sendDeposit(stranger.getSender(), { value: toNano(3000), userId: 1n });
  await distributor.sendFund(stranger.getSender(), toNano(1));
  return { chain, hot, publisher, stranger, refunds, distributor, deposits };
}

test("what people deposited pays those who earned it: the hot wallet funds the pool, a claim takes it out by a leaf", async () => {
  const { chain, hot, publisher, stranger, distributor, deposits } = await stack();
  const alice = await chain.treasury("alice");
  const tree = treeOf([[alice.address, toNano(100)]]);
  await distributor.sendProposeRoot(publisher.getSender(), {
    value: PLENTY,
    epoch: 1,
    root: rootOf(tree),
    totalCum: tree.total,
    dataHash: 1n,
  });
  chain.advance(DAY);
  // The root waits until the pool can pay what it adds.
  await distributor.sendActivateRoot(stranger.getSender(), PLENTY);
  expect((await distributor.getData()).epoch).toBe(0);
  const books = await chain.openBooks();
  await hot.send({ to: deposits.address, value: PLENTY, body: vaultBody.payPool({ amount: toNano(100) }) });
  expect((await books.change(deposits.address)) + books.rent(deposits.address)).toBe(-toNano(100));
  expect(await books.change(distributor.address)).toBeGreaterThan(toNano(100));
  await distributor.sendActivateRoot(stranger.getSender(), PLENTY);
  await distributor.sendClaim(alice.getSender(), {
    owner: alice.address,
    deploy: true,
    proof: tree.proof(alice.address.hash),
    value: PLENTY,
  });
  expect(await books.change(alice.address)).toBeGreaterThan(toNano(99));
  books.close();
});

test("what is slashed lies in the vault for refunds, which pays nobody but by its keepers", async () => {
  const { chain, hot, publisher, stranger, refunds, distributor } = await stack();
  const wallet = await chain.treasury("alice");
  const account = chain.openContract(
    new ContributorAccount({ owner: wallet.address, distributor: distributor.address }),
  );
  await account.sendStake(wallet.getSender(), { value: toNano(101), amount: toNano(100) });
  const slash = relaySlashBody({ owner: wallet.address, amount: toNano(30), reason: 1n });
  await publisher.send({ to: distributor.address, value: PLENTY, body: slash });
  chain.advance(ContributorAccountTerms.APPEAL_SECONDS);
  const books = await chain.openBooks();
  await account.sendExecuteSlash(stranger.getSender(), PLENTY);
  expect((await account.getData()).stake).toBe(toNano(70));
  expect(await books.change(refunds.address)).toBeGreaterThan(toNano(29.99));
  for (const body of [vaultBody.payHot({ amount: 1n }), vaultBody.payPool({ amount: 1n })])
    await hot.send({ to: refunds.address, value: PLENTY, body });
  expect(await books.change(refunds.address)).toBeGreaterThan(toNano(29.99));
  books.close();
});
