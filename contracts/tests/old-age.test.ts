/** Rent: what is left after years without a message, what an escrow in debt still does, and when the network freezes and deletes it. */
import { toNano } from "@ton/core";
import type { StateInit } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import { VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, fundsWorld } from "./test-funds.ts";

const YEAR = 31_536_000;
const PRICES: Prices[] = ["june-2026", "before-april-2026"];
/** Ages that an escrow survives with nothing but its reserve. */
const SURVIVED = [
  ["june-2026", 1],
  ["june-2026", 10],
  ["june-2026", 40],
  ["before-april-2026", 1],
  ["before-april-2026", 6],
] as const;

type World = Awaited<ReturnType<typeof fundsWorld>>;

describe.each(PRICES)("storage at the prices of %s", (prices) => {
  test.each([10, 40])("after %i idle years the owner still withdraws the balance less its rent", async (years) => {
    const { chain, escrow, toEscrow } = await fundsWorld({ prices });
    chain.advance(years * YEAR);
    expect((await toEscrow("owner", escrowBody.requestClose())).exitCode).toBe(0);
    chain.advance(EscrowTerms.CLOSE_DELAY);
    const spendable = await escrow.getSpendable();
    expect(spendable).toBeGreaterThan(coins(10) - BigInt(years) * coins(0.017));
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect(await escrow.getSpendable()).toBe(0n);
  });

  test("a vault pays after 40 years", async () => {
    const { chain, toVault } = await fundsWorld({ prices });
    chain.advance(40 * YEAR);
    expect((await toVault("hot", vaultBody.payHot({ amount: coins(5) }))).exitCode).toBe(0);
    await toVault("treasury", vaultBody.propose({ what: { kind: "sweep", amount: coins(50) } }));
    chain.advance(VaultTerms.PROPOSAL_DELAY);
    expect((await toVault("stranger", vaultBody.execute())).exitCode).toBe(0);
  });

  test("the reserve covers one year's rent and at most a quarter more, also of an escrow with four keys", async () => {
    const world = await fundsWorld({ prices });
    const { chain, vault, escrow, toEscrow, toVault } = world;
    await toVault("treasury", vaultBody.propose({ what: { kind: "sweep", amount: coins(50) } }));
    const vaultBefore = await chain.balanceOf(vault.address);
    const reserve = (await chain.balanceOf(escrow.address)) - (await escrow.getSpendable());
    const one = await rentOfAYear(world);
    await toVault("treasury", vaultBody.cancel());
    expect(vaultBefore - (await chain.balanceOf(vault.address))).toBeLessThanOrEqual(reserve * 2n);
    for (const byte of [61, 62, 63]) await toEscrow("owner", escrowBody.addKey({ sessionKey: Buffer.alloc(32, byte) }));
    const four = await rentOfAYear(world);
    expect(one).toBeLessThan(four);
    expect(four).toBeLessThanOrEqual(reserve);
    expect(reserve).toBeLessThan((one * 5n) / 4n);
  });
});

describe("an escrow with nothing but its reserve, left alone", () => {
  test.each(SURVIVED)(
    "at the prices of %s for %i years, remembers what it paid and takes money again",
    async (prices, years) => {
      const { chain, escrow, toEscrow, redeem } = await emptied(prices);
      const { settled } = await escrow.getState();
      chain.advance(years * YEAR);
      expect((await toEscrow("hot", redeem(coins(98)))).exitCode).toBe(EscrowError.NOTHING_TO_PAY);
      await toEscrow("owner", escrowBody.topUp(), coins(5));
      expect((await escrow.getState()).settled).toBe(settled);
      expect(await escrow.getSpendable()).toBeGreaterThan(coins(4.8));
      expect((await toEscrow("hot", redeem(settled))).exitCode).toBe(EscrowError.NOTHING_NEW);
      expect((await toEscrow("hot", redeem(coins(98)))).exitCode).toBe(0);
    },
  );

  test.each(SURVIVED)(
    "at the prices of %s for %i years, does what its owner asks although it owes rent",
    async (prices, years) => {
      const { chain, escrow, toEscrow, closeTogether } = await emptied(prices);
      chain.advance(years * YEAR);
      expect((await toEscrow("owner", escrowBody.requestClose())).exitCode).toBe(0);
      expect((await toEscrow("owner", escrowBody.cancelClose())).exitCode).toBe(0);
      expect((await toEscrow("owner", closeTogether(coins(98)))).exitCode).toBe(0);
      await toEscrow("owner", escrowBody.requestClose());
      chain.advance(EscrowTerms.CLOSE_DELAY);
      expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
      expect((await escrow.getState()).round).toBe(2);
    },
  );

  // docs/contracts.md says these numbers.
  test.each([
    ["june-2026", 45, 440],
    ["before-april-2026", 7, 63],
  ] as const)("at the prices of %s is frozen after %i years and deleted after %i", async (prices, freezes, deletes) => {
    const { chain, escrow } = await emptied(prices);
    const balance = await chain.balanceOf(escrow.address);
    const rent = await rentOfAYear(await emptied(prices));
    // The network's limits of debt: 0.1 freezes, 1 deletes.
    expect((balance + toNano("0.1")) / rent).toBe(BigInt(freezes));
    expect((balance + toNano("1")) / rent).toBe(BigInt(deletes));
    // The first message freezes it, whatever it owes; one that finds it frozen and owing that much deletes it.
    for (const [years, messages, found] of [
      [freezes, 1, "active"],
      [freezes + 1, 1, "frozen"],
      [deletes, 2, "frozen"],
      [deletes + 1, 2, "uninit"],
    ] as const) {
      const { chain, escrow, toEscrow } = await emptied(prices);
      if (chain.time + years * YEAR >= 2 ** 32) continue; // The chain's clock ends in 2106.
      chain.advance(years * YEAR);
      for (let sent = 0; sent < messages; sent++) await toEscrow("stranger", escrowBody.topUp(), 1000n);
      expect((await chain.getContract(escrow.address)).accountState?.type, `${years} years`).toBe(found);
    }
  });
});

describe("a frozen escrow", () => {
  test("is not woken by money, returned or kept, nor by the state it began with", async () => {
    const { escrow, parties, kind, sendWith } = await frozen();
    for (const bounce of [true, false]) {
      await parties.owner.send({ to: escrow.address, value: coins(3), bounce });
      expect(await kind()).toBe("frozen");
    }
    await sendWith(escrow.init);
    expect(await kind()).toBe("frozen");
  });

  test("is woken by the last state it had, knows what it paid, and gives its owner what was sent meanwhile", async () => {
    const { chain, escrow, parties, toEscrow, last, kind, sendWith } = await frozen();
    await parties.owner.send({ to: escrow.address, value: coins(3), bounce: false });
    await sendWith(last);
    expect(await kind()).toBe("active");
    expect((await escrow.getState()).settled).toBeGreaterThan(coins(9));
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    const books = await chain.openBooks();
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect(await books.change(parties.owner.address)).toBeGreaterThan(coins(3.5));
    books.close();
  });
});

/** An escrow whose vouchers have taken everything above the reserve. */
async function emptied(prices: Prices): Promise<World> {
  const world = await fundsWorld({ prices });
  await world.toEscrow("hot", world.redeem(coins(40)));
  expect(await world.escrow.getSpendable()).toBe(0n);
  return world;
}

/** Lets a year pass and has the escrow refuse a message, which charges the rent. */
async function rentOfAYear({ chain, escrow, toEscrow }: World): Promise<bigint> {
  const before = await chain.balanceOf(escrow.address);
  chain.advance(YEAR);
  await toEscrow("stranger", escrowBody.withdraw());
  return before - (await chain.balanceOf(escrow.address));
}

/** An emptied escrow that is frozen, the last state it had, and how to send money with a state. */
async function frozen() {
  const world = await emptied("before-april-2026");
  const { chain, escrow, toEscrow } = world;
  const { accountState } = await chain.getContract(escrow.address);
  if (accountState?.type !== "active") throw new Error("the escrow is not there");
  const last: StateInit = { code: accountState.state.code ?? null, data: accountState.state.data ?? null };
  chain.advance(15 * YEAR);
  await toEscrow("hot", escrowBody.topUp(), 1000n);
  const kind = async () => (await chain.getContract(escrow.address)).accountState?.type;
  expect(await kind()).toBe("frozen");
  const sendWith = (stateInit: StateInit | undefined) =>
    chain.sendMessage(
      internal({
        from: world.parties.owner.address,
        to: escrow.address,
        value: coins(1),
        ...(stateInit && { stateInit }),
      }),
    );
  return { ...world, last, kind, sendWith };
}
