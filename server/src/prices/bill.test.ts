import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FEE_BASIS_POINTS, divideBill, priceOf } from "./bill.ts";
import { anyAttempts, anyPrices, anyTokens } from "../testing/prices.ts";

const PRICES = { prompt: 10_000_000n, cached: 2_000_000n, answer: 40_000_000n };
const tokens = { prompt: 1_000, cached: 400 };
const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 18n });

describe("a job's price", () => {
  test("is its read, cached and written tokens at their prices", () => {
    expect(priceOf(PRICES, { prompt: 1_000, cached: 400, answer: 100 })).toBe(6_000n + 800n + 4_000n);
  });

  test("rounds down once, over the sum and not over each part", () => {
    const each = { prompt: 600_000n, cached: 600_000n, answer: 600_000n };
    expect(priceOf(each, { prompt: 2, cached: 1, answer: 1 })).toBe(1n);
    expect(priceOf(each, { prompt: 1, cached: 0, answer: 0 })).toBe(0n);
  });

  test("cannot be made of counts that are none, or of more cached tokens than there were", () => {
    const counts = { prompt: 10, cached: 0, answer: 10 };
    for (const wrong of [{ prompt: -1 }, { answer: 0.5 }, { answer: NaN }, { cached: 11 }])
      expect(() => priceOf(PRICES, { ...counts, ...wrong })).toThrow(RangeError);
  });

  test("never falls when more is read or written, nor rises when more was cached at a lower price", () => {
    fc.assert(
      fc.property(anyPrices, anyTokens, fc.nat(1_000), (any, tokens, more) => {
        const prices = { ...any, cached: any.prompt / 4n };
        const cost = priceOf(prices, tokens);
        expect(priceOf(prices, { ...tokens, answer: tokens.answer + more })).toBeGreaterThanOrEqual(cost);
        expect(priceOf(prices, { ...tokens, prompt: tokens.prompt + more })).toBeGreaterThanOrEqual(cost);
        const cached = Math.min(tokens.prompt, tokens.cached + more);
        expect(priceOf(prices, { ...tokens, cached })).toBeLessThanOrEqual(cost);
      }),
    );
  });
});

describe("a job's bill", () => {
  test("gives its worker nine tenths and the house the rest", () => {
    const attempts = [{ worker: "w1", tokens: 100, isFalse: false }];
    expect(divideBill(1_005n, { tokens, attempts })).toEqual({
      amount: 1_005n,
      shares: [{ worker: "w1", amount: 904n, isFalse: false }],
      fee: 101n,
    });
  });

  test("of a job that moved gives each worker its part by the tokens it delivered", () => {
    const attempts = [
      { worker: "w1", tokens: 25, isFalse: false },
      { worker: "w2", tokens: 75, isFalse: false },
    ];
    expect(divideBill(1_000n, { tokens, attempts }).shares.map(({ amount }) => amount)).toEqual([225n, 675n]);
  });

  test("without any token gives the share to the worker that ended the job", () => {
    const attempts = ["w1", "w2"].map((worker) => ({ worker, tokens: 0, isFalse: false }));
    expect(divideBill(1_000n, { tokens, attempts }).shares.map(({ amount }) => amount)).toEqual([0n, 900n]);
  });

  test("without a worker is the house's, and a fee cannot be more than all", () => {
    expect(divideBill(1_000n, { tokens, attempts: [] })).toEqual({ amount: 1_000n, shares: [], fee: 1_000n });
    expect(() => divideBill(1_000n, { tokens, attempts: [], feeBasisPoints: 10_001 })).toThrow(RangeError);
    expect(() => divideBill(1_000n, { tokens, attempts: [], feeBasisPoints: -1 })).toThrow(RangeError);
  });

  test("adds up to its amount, with nothing below zero and no more for workers than their part", () => {
    fc.assert(
      fc.property(anyAmount, anyTokens, anyAttempts, fc.nat(10_000), (amount, tokens, attempts, feeBasisPoints) => {
        const { shares, fee } = divideBill(amount, { tokens, attempts, feeBasisPoints });
        const shared = shares.reduce((sum, share) => sum + share.amount, 0n);
        expect(shared + fee).toBe(amount);
        for (const share of shares) expect(share.amount).toBeGreaterThanOrEqual(0n);
        expect(shared * 10_000n).toBeLessThanOrEqual(amount * BigInt(10_000 - feeBasisPoints));
        // Each share lost less than one nano unit to rounding.
        const least = (amount * BigInt(10_000 - feeBasisPoints)) / 10_000n - BigInt(attempts.length);
        expect(shared).toBeGreaterThanOrEqual(least);
      }),
    );
  });

  test("never gives less to a worker that delivered more", () => {
    fc.assert(
      fc.property(anyAmount, fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)), (amount, counts) => {
        const attempts = counts.toSorted((one, other) => one - other).map((tokens) => attemptOf(tokens));
        const [less, more] = divideBill(amount, { tokens, attempts }).shares;
        expect(less!.amount).toBeLessThanOrEqual((more ?? less)!.amount);
      }),
    );
  });
});

function attemptOf(tokens: number) {
  return { worker: "w1", tokens, isFalse: false };
}

test("whoever asks their own machines loses the fee of every job, however they divide it among them", () => {
  const anyDivision = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(anyAmount, anyDivision, fc.integer({ min: 1, max: 20 }), (amount, tokens, loops) => {
      const attempts = tokens.map((count, at) => ({ worker: `own ${at}`, tokens: count, isFalse: false }));
      let purse = amount * BigInt(loops);
      const before = purse;
      for (let loop = 0; loop < loops; loop++) {
        purse -= amount;
        for (const share of divideBill(amount, { tokens: { prompt: 0, cached: 0 }, attempts }).shares)
          purse += share.amount;
      }
      expect((before - purse) * 10_000n).toBeGreaterThanOrEqual(amount * BigInt(loops) * BigInt(FEE_BASIS_POINTS));
    }),
  );
});
