/** What two keepers decide together, what a stolen key of one of them can and cannot do, and what they rescue. */
import { describe, expect, test } from "vitest";
import { vaultBody } from "../wrappers/Vault.ts";
import type { VaultProposal } from "../wrappers/Vault.ts";
import { VaultError, VaultOp, VaultTerms } from "../wrappers/vault-codes.ts";
import { addressIn, coins, DAILY_LIMIT, fundsWorld, POOL_LIMIT } from "./test-funds.ts";

const sweep: VaultProposal = { kind: "sweep", amount: coins(40) };
const limits: VaultProposal = { kind: "setLimits", dailyLimit: DAILY_LIMIT, poolLimit: POOL_LIMIT };
const propose = (what: VaultProposal) => vaultBody.propose({ what });
const approve = (what: VaultProposal) => vaultBody.approve({ what });

describe("a proposal that the other keeper approves", () => {
  test.each([
    ["guardian", "treasury"],
    ["treasury", "guardian"],
  ] as const)("by the %s, approved by the %s, is executed at once by anybody", async (first, second) => {
    const { vault, chain, parties, toVault } = await fundsWorld();
    await toVault(first, propose(sweep));
    expect((await vault.getState()).proposal?.by).toBe(first);
    expect((await toVault(second, approve(sweep))).exitCode).toBe(0);
    expect((await vault.getState()).proposal).toEqual({ by: first, executeAfter: chain.time, what: sweep });
    const books = await chain.openBooks();
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
    expect(await books.change(parties.treasury.address)).toBeGreaterThan(coins(40));
    books.close();
  });

  test("is not approved by the keeper who made it, nor by anybody else", async () => {
    const { toVault } = await fundsWorld();
    expect((await toVault("guardian", approve(sweep))).exitCode).toBe(VaultError.NO_PROPOSAL);
    await toVault("guardian", propose(sweep));
    for (const party of ["guardian", "hot", "stranger"] as const)
      expect((await toVault(party, approve(sweep))).exitCode).toBe(VaultError.NOT_THE_OTHER_KEEPER);
    expect((await toVault("guardian", vaultBody.execute())).exitCode).toBe(VaultError.PROPOSAL_TOO_YOUNG);
  });

  test("is the one that was read: a thief who swaps it before the approval arrives gains nothing", async () => {
    const { parties, toVault } = await fundsWorld();
    await toVault("guardian", propose(limits));
    await toVault("guardian", vaultBody.cancel());
    await toVault("guardian", propose({ kind: "replaceRole", role: "treasury", to: parties.stranger.address }));
    const others: VaultProposal[] = [
      limits,
      sweep,
      { kind: "replaceRole", role: "treasury", to: parties.owner.address },
      { kind: "replaceRole", role: "hot", to: parties.stranger.address },
    ];
    for (const what of others)
      expect((await toVault("treasury", approve(what))).exitCode).toBe(VaultError.ANOTHER_PROPOSAL);
  });

  test("gets no later end by an approval: what was ripe expires when it would have, what is expired stays so", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    await toVault("guardian", propose(sweep));
    const ripe = chain.time + VaultTerms.PROPOSAL_DELAY;
    chain.advance(VaultTerms.PROPOSAL_DELAY + 3600);
    await toVault("treasury", approve(sweep));
    expect((await vault.getState()).proposal?.executeAfter).toBe(ripe);
    chain.advance(VaultTerms.PROPOSAL_WINDOW - 3600);
    await toVault("treasury", approve(sweep));
    expect((await toVault("treasury", vaultBody.execute())).exitCode).toBe(VaultError.PROPOSAL_EXPIRED);
  });
});

describe("after a false alarm", () => {
  test("the two keepers start the hot wallet again within minutes, at the allowance it had", async () => {
    const { chain, vault, toVault } = await fundsWorld();
    await toVault("hot", vaultBody.payHot({ amount: coins(1) }));
    await toVault("guardian", vaultBody.stopHot());
    const stopped = chain.time;
    chain.advance(60);
    await toVault("guardian", propose(limits));
    await toVault("treasury", approve(limits));
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
    expect(await vault.getState()).toMatchObject({ dailyLimit: DAILY_LIMIT, left: DAILY_LIMIT - coins(1) });
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(4) }))).exitCode).toBe(0);
    expect(chain.time - stopped).toBe(60);
  });

  test("also another hot wallet with its limits takes two approvals and no day", async () => {
    const { chain, vault, parties, toVault } = await fundsWorld();
    await toVault("treasury", vaultBody.stopHot());
    const stopped = chain.time;
    for (const what of [{ kind: "replaceRole", role: "hot", to: parties.stranger.address }, limits] as const) {
      await toVault("treasury", propose(what));
      await toVault("guardian", approve(what));
      expect((await toVault("owner", vaultBody.execute())).exitCode).toBe(0);
    }
    expect((await toVault("stranger", vaultBody.payHot({ amount: DAILY_LIMIT }))).exitCode).toBe(0);
    expect((await toVault("hot", vaultBody.payHot({ amount: 1n }))).exitCode).toBe(VaultError.NOT_HOT);
    expect(chain.time).toBe(stopped);
    expect((await vault.getState()).hot.toString()).toBe(parties.stranger.address.toString());
  });
});

describe("a stolen keeper's key", () => {
  test("takes nothing and can lock the vault for as long as it is stolen: therefore both keepers are multisigs", async () => {
    const { chain, parties, vault, toVault } = await fundsWorld();
    const books = await chain.openBooks();
    await toVault("guardian", vaultBody.stopHot());
    const wanted = [{ kind: "replaceRole", role: "guardian", to: parties.stranger.address }, limits, sweep] as const;
    for (let month = 0; month < 12; month++) {
      for (const what of wanted) {
        expect((await toVault("treasury", propose(what))).exitCode).toBe(0);
        chain.advance(VaultTerms.PROPOSAL_DELAY - 60);
        expect((await toVault("guardian", vaultBody.cancel())).exitCode).toBe(0);
        chain.advance(60);
      }
      // What the thief itself proposes, the other keeper cancels, and never approves.
      await toVault("guardian", propose(sweep));
      expect((await toVault("guardian", approve(sweep))).exitCode).toBe(VaultError.NOT_THE_OTHER_KEEPER);
      await toVault("treasury", vaultBody.cancel());
    }
    const state = await vault.getState();
    expect(state).toMatchObject({ dailyLimit: 0n, poolLimit: 0n, proposal: null });
    expect(state.guardian.equals(parties.guardian.address)).toBe(true);
    expect(await chain.balanceOf(vault.address)).toBeGreaterThan(coins(99.9));
    books.close();
  });
});

describe("the three roles", () => {
  test.each([
    ["hot", "guardian"],
    ["hot", "treasury"],
    ["guardian", "treasury"],
    ["guardian", "hot"],
    ["treasury", "guardian"],
    ["treasury", "hot"],
  ] as const)("are three addresses: the role of the %s cannot go to the %s", async (role, holder) => {
    const { parties, vault, toVault } = await fundsWorld();
    const what: VaultProposal = { kind: "replaceRole", role, to: parties[holder].address };
    await toVault("guardian", propose(what));
    await toVault("treasury", approve(what));
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(VaultError.ROLES_NOT_APART);
    expect((await vault.getState())[role].equals(parties[role].address)).toBe(true);
  });
});

describe("jettons that somebody sent to the vault", () => {
  test("are ordered to the treasury as TEP-74 says, paid by the keeper who executes, out of no balance", async () => {
    const { chain, vault, parties, toVault, jettonWallet } = await rescued();
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    const books = await chain.openBooks();
    const { exitCode, transactions } = await toVault("guardian", vaultBody.execute({ queryId: 5n }), coins(0.1));
    expect(exitCode).toBe(0);
    const { body, info } = transactions.find((each) => addressIn(each) === jettonWallet.address.toString())!.inMessage!;
    const order = body.beginParse();
    expect([order.loadUint(32), order.loadUint(64), order.loadCoins()]).toEqual([
      VaultOp.JettonTransfer,
      5,
      7_000_000n,
    ]);
    expect([order.loadAddress(), order.loadAddress()].map(String)).toEqual(
      Array(2).fill(String(parties.treasury.address)),
    );
    // No custom payload, no coins and no payload for the receiver, and nothing more.
    expect([order.loadBit(), order.loadCoins(), order.loadBit(), order.remainingBits]).toEqual([false, 0n, false, 0]);
    expect(info.type === "internal" && info.value.coins).toBeGreaterThan(coins(0.098));
    expect((await books.change(vault.address)) + books.rent(vault.address)).toBe(0n);
    books.close();
  });

  test("are not ordered by a stranger, who could attach too little for the transfer and so spend the proposal", async () => {
    const { chain, vault, toVault } = await rescued();
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    for (const party of ["stranger", "hot"] as const)
      expect((await toVault(party, vaultBody.execute())).exitCode).toBe(VaultError.NOT_KEEPER);
    expect((await vault.getState()).proposal?.what.kind).toBe("sweepJetton");
  });

  test("stay where they are when the wallet refuses; the value comes back and the keepers propose again", async () => {
    const { chain, vault, escrow, toVault } = await fundsWorld();
    // An escrow refuses a jetton transfer, as any contract would that is no jetton wallet.
    const what: VaultProposal = { kind: "sweepJetton", wallet: escrow.address, amount: 1n };
    await toVault("guardian", propose(what));
    await toVault("treasury", approve(what));
    const books = await chain.openBooks();
    const { transactions } = await toVault("treasury", vaultBody.execute(), coins(0.1));
    expect(transactions.map(addressIn).slice(1)).toEqual([vault, escrow, vault].map(({ address }) => String(address)));
    expect(await books.change(vault.address)).toBeGreaterThan(coins(0.09));
    expect((await toVault("guardian", propose(what))).exitCode).toBe(0);
    books.close();
  });
});

/** Somebody's jettons lie in the vault's jetton wallet, and the guardian has proposed to sweep them. */
async function rescued() {
  const world = await fundsWorld();
  const jettonWallet = await world.chain.treasury("the vault's jetton wallet");
  const what: VaultProposal = { kind: "sweepJetton", wallet: jettonWallet.address, amount: 7_000_000n };
  await world.toVault("guardian", propose(what));
  return { ...world, jettonWallet, what };
}
