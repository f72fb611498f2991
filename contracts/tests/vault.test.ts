import { beginCell, Cell, contractAddress } from "@ton/core";
import { createShardAccount, internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import { escrowBody } from "../wrappers/Escrow.ts";
import { Vault, vaultBody } from "../wrappers/Vault.ts";
import type { VaultProposal } from "../wrappers/Vault.ts";
import { VaultError, VaultOp, VaultTerms } from "../wrappers/vault-codes.ts";
import { feesOf } from "./test-chain.ts";
import { addressIn, coins, ENOUGH, fundsWorld, transactionAt } from "./test-funds.ts";
import type { Party } from "./test-funds.ts";

/** Burns all the gas that a message pays for, and throws: AGAINEND, NOP. */
const ENDLESS_LOOP = beginCell().storeUint(0xeb00, 16).endCell();

describe("a vault takes money from anybody", () => {
  test.each([
    ["a typed deposit", vaultBody.deposit({ userId: 2n ** 64n - 1n })],
    ["a plain transfer", Cell.EMPTY],
    ["a text comment", beginCell().storeUint(0, 32).storeStringTail("uid:42").endCell()],
    ["an encrypted comment", beginCell().storeUint(0x2167da4b, 32).endCell()],
    ["a refund of something it sent", beginCell().storeUint(0xd53276db, 32).storeUint(0, 64).endCell()],
  ])("%s stays on its balance, less its own gas", async (_, body) => {
    const { chain, vault, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toVault("stranger", body, coins(3));
    expect(exitCode).toBe(0);
    expect(await books.change(vault.address)).toBe(coins(3) - feesOf(transactionAt(transactions, vault.address)));
    books.close();
  });

  test("an unknown op or a deposit of a wrong shape sends the money back", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    const jetton = beginCell().storeUint(0x7362d09c, 32).storeUint(0, 64).storeCoins(coins(1000)).endCell();
    expect((await toVault("stranger", jetton, coins(3))).exitCode).toBe(VaultError.UNKNOWN_OP);
    const typed = vaultBody.deposit({ userId: 1n }).beginParse();
    const long = beginCell().storeSlice(typed).storeBit(true).endCell();
    expect((await toVault("stranger", long, coins(3))).exitCode).toBe(9);
    expect(await books.change(vault.address)).toBe(0n);
    books.close();
  });

  test("a forged escrow notice moves nothing", async () => {
    const { chain, vault, parties, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    const forged = beginCell()
      .storeUint(0x5e5c0011, 32)
      .storeUint(0, 64)
      .storeCoins(coins(99))
      .storeAddress(parties.stranger.address);
    const { exitCode, transactions } = await toVault("stranger", forged.endCell(), coins(0.01));
    expect(exitCode).toBe(0);
    expect(transactions).toHaveLength(2);
    expect(await books.change(vault.address)).toBeGreaterThan(0n);
    books.close();
  });
});

describe("the hot wallet", () => {
  test("draws exactly its daily allowance and gets back the unused part of what it attached", async () => {
    const { chain, vault, parties, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(5) }))).exitCode).toBe(0);
    expect(await books.change(vault.address)).toBe(-coins(5));
    expect(await books.change(parties.hot.address)).toBe(coins(5) - books.fees);
    expect((await toVault("hot", vaultBody.payHot({ amount: 1n }))).exitCode).toBe(VaultError.OVER_DAILY_LIMIT);
    books.close();
  });

  test("gets its allowance back evenly over a day and never more than one day's", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    await toVault("hot", vaultBody.payHot({ amount: coins(5) }));
    chain.advance(VaultTerms.ALLOWANCE_PERIOD / 4);
    expect((await vault.getState()).left).toBe(coins(1.25));
    chain.advance(VaultTerms.ALLOWANCE_PERIOD * 30);
    expect((await vault.getState()).left).toBe(coins(5));
  });

  test("whose key is stolen costs one day's limit at once and one a day until a keeper stops it: 15 of 100 in two days", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    for (let hour = 0; hour <= 48; hour += 6) {
      const { left } = await vault.getState();
      await toVault("hot", vaultBody.payHot({ amount: left }));
      chain.advance(6 * 3600);
    }
    expect(-(await books.change(vault.address)) - coins(15)).toBeLessThan(coins(0.01));
    expect((await toVault("guardian", vaultBody.stopHot())).exitCode).toBe(0);
    chain.advance(VaultTerms.ALLOWANCE_PERIOD);
    expect((await toVault("hot", vaultBody.payHot({ amount: 1n }))).exitCode).toBe(VaultError.OVER_DAILY_LIMIT);
    books.close();
  });

  test("cannot draw more than the balance above the storage reserve", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    (await chain.getContract(vault.address)).balance = coins(5);
    const books = await chain.openBooks();
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(5) }))).exitCode).toBe(VaultError.BALANCE_TOO_LOW);
    books.close();
  });

  test("that refuses a payout returns the money, and its allowance is restored", async () => {
    const { chain, vault, escrow, parties, toVault } = await fundsWorld();
    // The role goes to a contract that throws on unknown messages, here an escrow.
    const { address } = escrow;
    await toVault("guardian", vaultBody.propose({ what: { kind: "replaceRole", role: "hot", to: address } }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    await toVault("guardian", vaultBody.execute());
    const books = await chain.openBooks();
    const request = vaultBody.payHot({ amount: coins(2) });
    const { transactions } = await chain.sendMessage(
      internal({ from: address, to: vault.address, value: coins(0.05), body: request }),
    );
    expect(transactions.map(addressIn)).toEqual([vault, { address }, vault].map(({ address }) => address.toString()));
    expect((await vault.getState()).left).toBe(coins(5));
    expect(await books.change(vault.address)).toBeGreaterThan(0n);
    expect(await books.change(address)).toBe(-books.rent(address));
    expect(await books.change(parties.hot.address)).toBe(0n);
    books.close();
  });
});

test("a hot contract that burns what it refuses pays for it out of its allowance: the vault never loses more than the limit", async () => {
  const { chain, vault, toVault } = await fundsWorld();
  const burner = contractAddress(0, { code: ENDLESS_LOOP, data: Cell.EMPTY });
  const state = { address: burner, code: ENDLESS_LOOP, data: Cell.EMPTY, balance: coins(1) };
  await chain.setShardAccount(burner, createShardAccount(state));
  await toVault("guardian", vaultBody.propose({ what: { kind: "replaceRole", role: "hot", to: burner } }));
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  await toVault("guardian", vaultBody.execute());
  const books = await chain.openBooks();
  const body = vaultBody.payHot({ amount: coins(2) });
  const { transactions } = await chain.sendMessage(internal({ from: burner, to: vault.address, value: ENOUGH, body }));
  expect(transactions.map(addressIn)).toEqual([vault.address, burner, vault.address].map(String));
  books.close();
  const lost = -(await books.change(vault.address));
  expect(lost).toBeGreaterThan(coins(0.01)); // Nearly a million units of gas.
  const { left } = await vault.getState();
  expect(left).toBeLessThanOrEqual(coins(5) - lost);
  expect(left).toBeGreaterThan(coins(4.9));
});

describe("what a keeper proposes", () => {
  const sweep: VaultProposal = { kind: "sweep", amount: coins(40) };

  test("waits a day, then anybody executes it: the treasury is paid exactly the amount", async () => {
    const { chain, vault, parties, toVault } = await fundsWorld();
    await toVault("guardian", vaultBody.propose({ what: sweep }));
    expect((await vault.getState()).proposal?.what).toEqual(sweep);
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(VaultError.PROPOSAL_TOO_YOUNG);
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toVault("stranger", vaultBody.execute());
    expect(exitCode).toBe(0);
    expect(transactions.map(addressIn)).toEqual(
      [parties.stranger, vault, parties.treasury].map(({ address }) => address.toString()),
    );
    expect(await books.change(vault.address)).toBeGreaterThan(-coins(40) - coins(0.001));
    expect(await books.change(vault.address)).toBeLessThanOrEqual(-coins(40));
    expect(await books.change(parties.treasury.address)).toBeGreaterThan(coins(40));
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(VaultError.NO_PROPOSAL);
    books.close();
  });

  test.each([
    ["guardian", "treasury"],
    ["treasury", "guardian"],
  ] as const)("by the %s is cancelled by the %s, so that a stolen key takes nothing", async (thief, honest) => {
    const { chain, vault, parties, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    const what = { kind: "replaceRole", role: "treasury", to: parties.stranger.address } as const;
    expect((await toVault(thief, vaultBody.propose({ what }))).exitCode).toBe(0);
    expect((await toVault(thief, vaultBody.propose({ what: sweep }))).exitCode).toBe(VaultError.PROPOSAL_PENDING);
    expect((await toVault(honest, vaultBody.cancel())).exitCode).toBe(0);
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    expect((await toVault(thief, vaultBody.execute())).exitCode).toBe(VaultError.NO_PROPOSAL);
    expect((await vault.getState()).treasury.toString()).toBe(parties.treasury.address.toString());
    expect(await books.change(parties.stranger.address)).toBe(0n);
    books.close();
  });

  test("expires after its week", async () => {
    const { chain, toVault } = await fundsWorld();
    await toVault("treasury", vaultBody.propose({ what: sweep }));
    chain.advance(VaultTerms.PROPOSAL_DELAY + VaultTerms.PROPOSAL_WINDOW);
    expect((await toVault("treasury", vaultBody.execute())).exitCode).toBe(VaultError.PROPOSAL_EXPIRED);
  });

  test("takes no more than the balance above the reserve", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    await toVault("treasury", vaultBody.propose({ what: { kind: "sweep", amount: coins(1e6) } }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
    expect(await chain.balanceOf(vault.address)).toBeGreaterThan(0n);
    expect(await chain.balanceOf(vault.address)).toBeLessThan(coins(0.01));
  });

  test.each(["guardian", "treasury", "hot"] as const)(
    "gives the role of the %s to another, and to it alone",
    async (role) => {
      const { chain, vault, parties, toVault } = await fundsWorld();
      const before = await vault.getState();
      await toVault(
        "guardian",
        vaultBody.propose({ what: { kind: "replaceRole", role, to: parties.stranger.address } }),
      );
      chain.advance(VaultTerms.PROPOSAL_DELAY);
      expect((await toVault("owner", vaultBody.execute())).exitCode).toBe(0);
      const after = await vault.getState();
      for (const each of ["guardian", "treasury", "hot"] as const)
        expect(after[each].toString()).toBe((each === role ? parties.stranger.address : before[each]).toString());
    },
  );

  test("cannot make one key both keepers, put a role into the masterchain or invent a role", async () => {
    const { chain, parties, toVault } = await fundsWorld();
    const propose = (from: Party, what: VaultProposal) => toVault(from, vaultBody.propose({ what }));
    const masterchain = (await chain.treasury("abroad", { workchain: -1 })).address;
    const abroad = await propose("guardian", { kind: "replaceRole", role: "hot", to: masterchain });
    expect(abroad.exitCode).toBe(VaultError.ROLE_WRONG_WORKCHAIN);
    const invented = beginCell().storeUint(VaultOp.Propose, 32).storeUint(0, 64);
    invented.storeUint(VaultOp.ReplaceRole, 32).storeUint(3, 8).storeAddress(parties.hot.address);
    expect((await toVault("guardian", invented.endCell())).exitCode).toBe(VaultError.NO_SUCH_ROLE);
    await propose("guardian", { kind: "replaceRole", role: "treasury", to: parties.guardian.address });
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    expect((await toVault("guardian", vaultBody.execute())).exitCode).toBe(VaultError.ROLES_NOT_APART);
  });

  test("a stopped hot wallet draws again only after a proposal", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    await toVault("treasury", vaultBody.stopHot());
    await toVault("treasury", vaultBody.propose({ what: { kind: "setLimits", dailyLimit: coins(2), poolLimit: 0n } }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    await toVault("stranger", vaultBody.execute());
    expect(await vault.getState()).toMatchObject({ dailyLimit: coins(2), left: coins(2) });
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(2) }))).exitCode).toBe(0);
  });
});

test("a stopped hot wallet is not started again by a limit that was proposed before; other proposals stay", async () => {
  const { chain, vault, toVault } = await fundsWorld();
  await toVault("guardian", vaultBody.propose({ what: { kind: "setLimits", dailyLimit: coins(50), poolLimit: 0n } }));
  await toVault("treasury", vaultBody.stopHot());
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  expect((await toVault("hot", vaultBody.execute())).exitCode).toBe(VaultError.NO_PROPOSAL);
  expect((await toVault("hot", vaultBody.payHot({ amount: 1n }))).exitCode).toBe(VaultError.OVER_DAILY_LIMIT);
  await toVault("guardian", vaultBody.propose({ what: { kind: "sweep", amount: coins(40) } }));
  await toVault("treasury", vaultBody.stopHot());
  expect((await vault.getState()).proposal?.what.kind).toBe("sweep");
});

test("a stranger can deposit and execute what is ripe, and nothing else", async () => {
  const { chain, vault, toVault } = await fundsWorld();
  const books = await chain.openBooks();
  const attempts = [
    [vaultBody.payHot({ amount: 1n }), VaultError.NOT_HOT],
    [vaultBody.stopHot(), VaultError.NOT_KEEPER],
    [vaultBody.propose({ what: { kind: "sweep", amount: 1n } }), VaultError.NOT_KEEPER],
    [vaultBody.cancel(), VaultError.NOT_KEEPER],
    [vaultBody.execute(), VaultError.NO_PROPOSAL],
    [escrowBody.withdraw(), VaultError.UNKNOWN_OP],
  ] as const;
  for (const [body, error] of attempts) expect((await toVault("stranger", body)).exitCode).toBe(error);
  for (const body of [vaultBody.stopHot(), vaultBody.cancel()])
    expect((await toVault("hot", body)).exitCode).toBe(VaultError.NOT_KEEPER);
  expect(await books.change(vault.address)).toBe(0n);
  books.close();
});

test("an unsafe configuration is refused", async () => {
  const { vault } = await fundsWorld();
  const safe = await vault.getState();
  expect(Vault.of(safe).address.workChain).toBe(0);
  expect(() => Vault.of({ ...safe, treasury: safe.guardian })).toThrow("three different");
  expect(() => Vault.of({ ...safe, hot: safe.treasury })).toThrow("three different");
  expect(() => Vault.of({ ...safe, distributor: null })).toThrow("distributor");
  expect(() => Vault.of({ ...safe, purpose: "refunds" })).toThrow("distributor");
  expect(() => Vault.of({ ...safe, purpose: "savings" as "till" })).toThrow("purpose");
});
