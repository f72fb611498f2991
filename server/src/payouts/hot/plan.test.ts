import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LEFT_FOR_ASKING, OWN_MARGIN, affordable } from "./plan-batch.ts";
import { drawOf, expectedAt } from "./plan-draw.ts";
import type { WaitingMessage } from "./waiting-messages.ts";

const COIN = 10n ** 9n;
const messageOf = (value: bigint, kind: WaitingMessage["kind"] = "payout"): WaitingMessage => ({
  id: null,
  kind,
  payout: null,
  destination: "",
  value,
  body: null,
});
const Amount = fc.bigInt({ min: 1n, max: 30n * COIN });
const Balance = fc.bigInt({ min: 0n, max: 60n * COIN });
const Vault = fc.record({ left: Balance, dailyLimit: Balance, balance: fc.bigInt({ min: 0n, max: 500n * COIN }) });

test("a batch is the longest beginning of the queue that leaves the house's margin", () => {
  fc.assert(
    fc.property(fc.array(Amount, { maxLength: 40 }), Balance, (amounts, balance) => {
      const sent = affordable(
        amounts.map((amount) => messageOf(amount)),
        balance,
      ).map(({ value }) => value);
      expect(sent).toEqual(amounts.slice(0, sent.length));
      const sum = sent.reduce((all, value) => all + value, 0n);
      const next = amounts[sent.length];
      expect(sent.length === 0 || sum + LEFT_FOR_ASKING <= balance).toBe(true);
      expect(next === undefined || sum + next + LEFT_FOR_ASKING > balance).toBe(true);
    }),
  );
});

test("whatever was sent, a request to the vault can be paid for after it, its gas included", () => {
  const [asking, gas] = [messageOf(20_000_000n, "pay_hot"), 20_000_000n];
  fc.assert(
    fc.property(fc.array(Amount, { maxLength: 40 }), fc.bigInt({ min: 0n, max: COIN / 5n }), (amounts, beside) => {
      const balance = amounts.reduce((all, value) => all + value, beside);
      const sent = affordable(
        amounts.map((amount) => messageOf(amount)),
        balance,
      );
      const left = balance - sent.reduce((all, { value }) => all + value, 0n) - gas;
      expect(sent.length === 0 || affordable([asking], left).length === 1).toBe(true);
    }),
  );
});

test("what is asked for pays for what was lacking, also where that is no payout", () => {
  const [redemption, asking] = [OWN_MARGIN, 40_000_000n];
  const vault = { left: 50n * COIN, dailyLimit: 50n * COIN, balance: 500n * COIN };
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: redemption + LEFT_FOR_ASKING - 1n }), (balance) => {
      const amount = drawOf({ balance, first: redemption, total: 0n }, vault)!;
      expect(affordable([messageOf(redemption, "redeem")], balance + amount - asking)).toHaveLength(1);
    }),
  );
});

test("what is asked of the vault is never more than it can give, nor more than 20 coins and the margins beside one larger payout", () => {
  fc.assert(
    fc.property(Amount, Balance, Balance, Vault, (first, more, balance, vault) => {
      const amount = drawOf({ balance, first, total: first + more }, vault);
      if (amount === null) return;
      expect(amount <= vault.left && amount < vault.balance).toBe(true);
      const most = (first > 20n * COIN ? first : 20n * COIN) + 3n * OWN_MARGIN;
      expect(balance + amount <= most).toBe(true);
    }),
  );
});

test("nothing is asked for when nothing is missing, or for a drop", () => {
  const vault = { left: COIN, dailyLimit: 50n * COIN, balance: 500n * COIN };
  expect(drawOf({ balance: 6n * COIN, first: 5n * COIN, total: 5n * COIN }, vault)).toBeNull();
  expect(drawOf({ balance: 0n, first: 5n * COIN, total: 5n * COIN }, vault)).toBeNull();
});

test("a payout larger than a day's allowance is gathered over days", () => {
  const vault = { left: 10n * COIN, dailyLimit: 10n * COIN, balance: 500n * COIN };
  expect(drawOf({ balance: 0n, first: 25n * COIN, total: 25n * COIN }, vault)).toBe(10n * COIN);
});

test("a date is now where the money is there, later by what is lacking at the vault's pace, and nobody's where it was stopped", () => {
  const at = { upTo: 30n * COIN, nowMs: 0 };
  const hotBalance = 10n * COIN + LEFT_FOR_ASKING;
  expect(expectedAt(at, { hotBalance, left: 20n * COIN, dailyLimit: 50n * COIN })).toEqual(new Date(0));
  expect(expectedAt(at, { hotBalance, left: 10n * COIN, dailyLimit: 20n * COIN })).toEqual(new Date(12 * 3_600_000));
  expect(expectedAt(at, { hotBalance, left: 0n, dailyLimit: 0n })).toBeNull();
});
