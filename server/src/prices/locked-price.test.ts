import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ASK_PERCENT, isAskPercent } from "@starai/protocol/ask-percent";
import { lockPrice } from "./locked-price.ts";
import { DEFAULT_PRICES, listPrices } from "./price-table.ts";

const list = listPrices(DEFAULT_PRICES, { id: "m", parameters: 1.5e9 })!;
/** One coin is $1.70. */
const rate = { id: "r1", microUsdPerCoin: 1_700_000n };
const terms = { unit: "micro_usd", list, paidIn: "coin", askPercent: 100, rate } as const;

describe("a price in dollars", () => {
  test("is settled in nano coins at the rate, rounded up, and names the rate", () => {
    expect(lockPrice(terms)).toEqual({
      paidIn: "coin",
      perMillion: { prompt: 8_823_530n, cached: 2_352_942n, answer: 35_294_118n },
      askPercent: 100,
      rate: "r1",
    });
  });

  test("is settled in nano Stars at $0.013 a Star, also while the coin has no rate", () => {
    const locked = lockPrice({ ...terms, paidIn: "stars", rate: null });
    expect(locked).toMatchObject({ paidIn: "stars", rate: null, perMillion: { answer: 4_615_384_616n } });
  });

  test("cannot be settled in coins without a rate", () => {
    expect(lockPrice({ ...terms, rate: null })).toBeNull();
  });
});

describe("a price in nano coins", () => {
  test("is settled as it is, without a rate", () => {
    const locked = lockPrice({ ...terms, unit: "nano", rate: null });
    expect(locked).toEqual({ paidIn: "coin", perMillion: list, askPercent: 100, rate: null });
  });

  test("needs the rate to be paid in Stars", () => {
    expect(lockPrice({ ...terms, unit: "nano", paidIn: "stars", rate: null })).toBeNull();
    const locked = lockPrice({ ...terms, unit: "nano", paidIn: "stars", list: { ...list, answer: 13_000n } });
    expect(locked).toMatchObject({ rate: "r1", perMillion: { answer: 1_700_000n } });
  });
});

describe("a worker's ask", () => {
  test("may be half of the list's price, three times it, and every twentieth between", () => {
    const asks = Array.from({ length: 400 }, (_, percent) => percent).filter(isAskPercent);
    expect(asks).toHaveLength(51);
    expect([asks.at(0), asks.at(-1)]).toEqual([ASK_PERCENT.min, ASK_PERCENT.max]);
  });

  test.each([45, 305, 101, 100.5, NaN, Infinity, -100])("cannot be %s percent", (percent) => {
    expect(isAskPercent(percent)).toBe(false);
    expect(() => lockPrice({ ...terms, askPercent: percent })).toThrow(RangeError);
  });

  test("raises and lowers every price in proportion, up to the rounding", () => {
    const asks = fc.integer({ min: 10, max: 60 }).map((twentieths) => twentieths * 5);
    fc.assert(
      fc.property(asks, fc.bigInt({ min: 10_000n, max: 10n ** 10n }), (askPercent, microUsdPerCoin) => {
        const at = (askPercent: number) =>
          lockPrice({ ...terms, askPercent, rate: { id: "r", microUsdPerCoin } })!.perMillion.answer;
        const exact = (list.answer * 10n ** 9n * BigInt(askPercent)) / (100n * microUsdPerCoin);
        expect(at(askPercent) - exact).toBeGreaterThanOrEqual(0n);
        expect(at(askPercent) - exact).toBeLessThanOrEqual(1n);
        expect(at(50)).toBeLessThanOrEqual(at(askPercent));
        expect(at(askPercent)).toBeLessThanOrEqual(at(300));
      }),
    );
  });
});
