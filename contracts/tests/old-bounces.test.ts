/**
 * The bounce of a payout must run code, and a bounce pays an account's debt before any code runs. A vault that owes rent has nothing to pay
 * out, and one that pays keeps a year's rent: so no bounce meets a debt. Were it lost all the same, the allowance would run off in a day.
 */
import type { Cell } from "@ton/core";
import { internal } from "@ton/sandbox";
import { describe, expect, test } from "vitest";
import type { Prices } from "../chain-config/network-config.ts";
import { Vault, vaultBody } from "../wrappers/Vault.ts";
import { VaultError, VaultTerms } from "../wrappers/vault-codes.ts";
import { coins, ENOUGH, exitCodeAt, fundsWorld } from "./test-funds.ts";

const YEAR = 31_536_000;
const PRICES: Prices[] = ["june-2026", "before-april-2026"];
const AGES = PRICES.flatMap((prices) => [1, 10, 40].map((years) => [prices, years] as const));
/** Ages at which a vault without a balance is not frozen yet. */
const INDEBTED = [
  ["june-2026", 1],
  ["june-2026", 10],
  ["before-april-2026", 1],
] as const;

describe("a payout that is refused finds a vault that can count it back", () => {
  const kinds = [
    ["PaidOut", vaultBody.payHot, "left"],
    ["FundPool", vaultBody.payPool, "poolLeft"],
  ] as const;

  describe.each(kinds)("%s", (_, pay, left) => {
    test.each(AGES)(
      "at the prices of %s, %i years old, with the least it can have and with exact and generous values",
      async (prices, years) => {
        const amount = coins(2);
        const { chain, misled, order } = await refusing(prices);
        const before = (await misled.getState())[left];
        chain.advance(years * YEAR);
        // Rent is charged first, so the least balance that pays is found by trying.
        const beginning = chain.snapshot();
        const paysWith = async (balance: bigint, value: bigint) => {
          await chain.loadFrom(beginning);
          (await chain.getContract(misled.address)).balance = balance;
          const { transactions } = await order(pay({ amount }), value);
          return transactions.length > 2;
        };
        const least = await leastThat(coins(10), (balance) => paysWith(balance, ENOUGH));
        const exact = await leastThat(ENOUGH, (value) => paysWith(least, value));
        for (const value of [exact, ENOUGH, coins(3)]) {
          expect(await paysWith(least, value)).toBe(true);
          const after = (await misled.getState())[left];
          expect(after).toBeGreaterThan(before - coins(0.02));
          expect(await chain.balanceOf(misled.address)).toBeGreaterThan(amount);
        }
        expect(await paysWith(least - coins(0.003), ENOUGH)).toBe(false);
        expect((await misled.getState())[left]).toBe(before);
      },
    );

    test.each(INDEBTED)(
      "at the prices of %s, %i years old and owing rent, it pays nothing and counts nothing",
      async (prices, years) => {
        const { chain, misled, order } = await refusing(prices);
        const before = (await misled.getState())[left];
        (await chain.getContract(misled.address)).balance = 0n;
        chain.advance(years * YEAR);
        const { transactions } = await order(pay({ amount: 1n }), ENOUGH);
        expect(exitCodeAt(transactions, misled.address)).toBe(VaultError.BALANCE_TOO_LOW);
        expect((await misled.getState())[left]).toBe(before);
      },
    );
  });
});

/** Where the hot wallet and the pool should be stands an escrow, which refuses both. */
async function refusing(prices: Prices) {
  const world = await fundsWorld({ prices });
  const { chain, parties, vault, escrow } = world;
  const what = { kind: "replaceRole", role: "hot", to: escrow.address } as const;
  const misled = chain.openContract(Vault.of({ ...(await vault.getState()), distributor: escrow.address }));
  await misled.sendDeposit(parties.stranger.getSender(), { value: coins(9), userId: 1n });
  const keeper = (body: Cell) => parties.guardian.send({ to: misled.address, value: ENOUGH, body });
  await keeper(vaultBody.propose({ what }));
  chain.advance(VaultTerms.PROPOSAL_DELAY);
  await keeper(vaultBody.execute());
  const order = (body: Cell, value: bigint) =>
    chain.sendMessage(internal({ from: escrow.address, to: misled.address, value, body }));
  return { ...world, misled, order };
}

/** The least number up to `most` for which something holds, to a thousandth of it. */
async function leastThat(most: bigint, holds: (value: bigint) => Promise<boolean>): Promise<bigint> {
  let [fails, works] = [0n, most];
  while (works - fails > most / 4096n) {
    const middle = (fails + works) / 2n;
    if (await holds(middle)) works = middle;
    else fails = middle;
  }
  return works;
}
