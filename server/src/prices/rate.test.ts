import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confirmed, currentRate, nextRate } from "./rate.ts";
import type { Rate, RateReading } from "./rate.ts";

const NOW = Date.parse("2026-12-01T12:00:00Z");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GRAM = 1_700_000n;

function readings(...prices: bigint[]): RateReading[] {
  return prices.map((microUsdPerCoin, at) => ({ source: `source-${at}`, microUsdPerCoin, at: NOW }));
}

function rateOf(over: Partial<Rate> = {}): Rate {
  const fresh = { id: "r1", microUsdPerCoin: GRAM, at: NOW, sources: ["a", "b"], stopped: null, confirmedAt: null };
  return { ...fresh, ...over };
}

/** A minute's rate after these, from two sources that agree. */
function after(before: readonly Rate[], microUsdPerCoin: bigint, now = NOW) {
  const agreeing = ["a", "b"].map((source) => ({ source, microUsdPerCoin, at: now }));
  return nextRate(agreeing, before, now);
}

function seenAfter(ageMs: number) {
  return currentRate([rateOf()], NOW + ageMs);
}

describe("a rate", () => {
  test("is the median of at least two sources, and names them", () => {
    expect(nextRate(readings(1_700_000n, 1_720_001n), [], NOW)).toEqual({
      microUsdPerCoin: 1_710_000n,
      at: NOW,
      sources: ["source-0", "source-1"],
      stopped: null,
      confirmedAt: null,
    });
    expect(nextRate(readings(1_690_000n, 1_720_000n, 1_700_000n), [], NOW)?.microUsdPerCoin).toBe(1_700_000n);
  });

  test("cannot be made by one source, however often it was read", () => {
    expect(nextRate(readings(GRAM), [], NOW)).toBeNull();
    const twice = [...readings(GRAM), ...readings(GRAM + 1n)];
    expect(nextRate(twice, [], NOW)).toBeNull();
  });

  test("cannot be made with a reading that is more than a quarter of an hour old, or ahead of the clock", () => {
    const [one, other] = readings(GRAM, GRAM) as [RateReading, RateReading];
    const at = (ms: number) => nextRate([one, { ...other, at: NOW + ms }], [], NOW);
    expect(at(-15 * MINUTE_MS)).not.toBeNull();
    expect(at(-15 * MINUTE_MS - 1)).toBeNull();
    expect(at(15 * MINUTE_MS + 1)).toBeNull();
  });

  test("cannot be the mean of two coins that share a name, nor of two sources more than 5 % apart", () => {
    expect(nextRate(readings(GRAM, 520n), [], NOW)).toBeNull();
    expect(nextRate(readings(1_000_000n, 1_050_000n), [], NOW)?.microUsdPerCoin).toBe(1_025_000n);
    expect(nextRate(readings(1_000_000n, 1_050_001n), [], NOW)).toBeNull();
    expect(nextRate(readings(1_000_000n, 1_000_001n, 2_000_000n, 2_000_001n), [], NOW)).toBeNull();
    expect(nextRate(readings(GRAM, 520n, GRAM + 1_000n), [], NOW)?.microUsdPerCoin).toBe(GRAM);
  });

  test("stays among what its sources said, and beside a single liar among what the others said", () => {
    const price = fc.bigInt({ min: 1_660_000n, max: 1_740_000n });
    const anyLie = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(fc.array(price, { minLength: 2, maxLength: 7 }), anyLie, (honest, lie) => {
        const sorted = honest.toSorted((one, other) => Number(one - other));
        for (const said of [honest, [...honest, lie]]) {
          const rate = nextRate(readings(...said), [], NOW)!.microUsdPerCoin;
          expect(rate).toBeGreaterThanOrEqual(sorted[0]!);
          expect(rate).toBeLessThanOrEqual(sorted.at(-1)!);
        }
      }),
    );
  });
});

test("a rate is made exactly where two sources within 5 % of each other are in the middle of all", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 900_000n, max: 1_100_000n }), { minLength: 2, maxLength: 6 }), (prices) => {
      const rate = nextRate(readings(...prices), [], NOW);
      const sorted = prices.toSorted((one, other) => Number(one - other));
      const half = Math.floor(sorted.length / 2);
      const close = (at: number) => {
        const [below, above] = [sorted[at], sorted[at + 1]];
        return below !== undefined && above !== undefined && (above - below) * 100n <= below * 5n;
      };
      const isOdd = sorted.length % 2 === 1;
      expect(rate !== null).toBe(close(half - 1) || (isOdd && close(half)));
    }),
  );
});

describe("a fresh rate", () => {
  test("may be used, and its time need not be told", () => {
    const rate = rateOf();
    expect(currentRate([rate], NOW + MINUTE_MS)).toEqual({
      rate,
      ageMs: MINUTE_MS,
      isStale: false,
      usable: true,
      why: null,
    });
  });

  test("is used with its time after a quarter of an hour, and not at all after six hours", () => {
    expect(seenAfter(15 * MINUTE_MS)).toMatchObject({ isStale: false, usable: true });
    expect(seenAfter(15 * MINUTE_MS + 1)).toMatchObject({ isStale: true, usable: true });
    expect(seenAfter(6 * HOUR_MS)).toMatchObject({ isStale: true, usable: true });
    expect(seenAfter(6 * HOUR_MS + 1)).toMatchObject({ usable: false, why: "too_old" });
  });

  test("is not made fresh by setting the clock back", () => {
    expect(currentRate([rateOf()], NOW - 7 * HOUR_MS)).toMatchObject({ usable: false, why: "too_old" });
  });

  test("is the latest of several", () => {
    const rates = [rateOf(), rateOf({ id: "r2", at: NOW + MINUTE_MS })];
    expect(currentRate(rates, NOW + MINUTE_MS).rate?.id).toBe("r2");
  });

  test("cannot be used where there is none", () => {
    expect(currentRate([], NOW)).toMatchObject({ rate: null, usable: false, why: "missing" });
  });
});

describe("a jump", () => {
  test.each([
    ["a fifth up", 2_040_000n, null],
    ["more than a fifth up", 2_040_001n, "jump"],
    ["a fifth down", 1_360_000n, null],
    ["more than a fifth down", 1_359_999n, "jump"],
  ])("of %s within a minute is %s %s", (_what, price, stopped) => {
    expect(after([rateOf()], price, NOW + MINUTE_MS)?.stopped).toBe(stopped);
  });

  test("counts over ten minutes, in however small steps, and not over more", () => {
    const small = rateOf({ id: "r2", microUsdPerCoin: 1_900_000n, at: NOW + 5 * MINUTE_MS });
    expect(after([rateOf(), small], 2_100_000n, NOW + 10 * MINUTE_MS)?.stopped).toBe("jump");
    expect(after([rateOf(), small], 2_100_000n, NOW + 10 * MINUTE_MS + 1)?.stopped).toBeNull();
  });

  test("stops paid answers until an operator confirms it, also when the rate comes back by itself", () => {
    const jumped: Rate = { ...after([rateOf()], 3_000_000n, NOW + MINUTE_MS)!, id: "r2" };
    expect(currentRate([rateOf(), jumped], jumped.at)).toMatchObject({ usable: false, why: "jump" });
    const back: Rate = { ...after([rateOf(), jumped], GRAM, NOW + 2 * MINUTE_MS)!, id: "r3" };
    expect(currentRate([rateOf(), jumped, back], back.at)).toMatchObject({ usable: false, why: "jump" });

    const passed = confirmed(jumped, NOW + 2 * MINUTE_MS);
    expect(currentRate([rateOf(), passed], passed.at)).toMatchObject({ usable: true, why: null });
    expect(after([rateOf(), passed], 3_000_001n, NOW + 3 * MINUTE_MS)?.stopped).toBeNull();
    expect(after([rateOf(), passed], GRAM, NOW + 3 * MINUTE_MS)?.stopped).toBe("jump");
  });
});

describe("a silence of more than six hours", () => {
  const later = NOW + 6 * HOUR_MS + 1;

  test("stops the rate that ends it until an operator confirms", () => {
    const first: Rate = { ...after([rateOf()], GRAM, later)!, id: "r2" };
    expect(currentRate([first], later)).toMatchObject({ usable: false, why: "gap" });
    expect(currentRate([confirmed(first, later)], later).usable).toBe(true);
  });

  test("can be bridged by an operator, for six hours at a time and with the rate's true age", () => {
    const passed = confirmed(rateOf(), later);
    expect(currentRate([passed], later)).toMatchObject({ usable: true, ageMs: later - NOW, isStale: true });
    expect(currentRate([passed], later + 6 * HOUR_MS + 1)).toMatchObject({ usable: false, why: "too_old" });
    expect(after([passed], GRAM, later + MINUTE_MS)?.stopped).toBeNull();
  });
});

test("no sequence of readings makes a stopped rate usable without an operator", () => {
  const steps = fc.array(
    fc.record({ price: fc.bigInt({ min: 1n, max: 10n ** 9n }), ms: fc.integer({ min: 1, max: 10 * HOUR_MS }) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const rates: Rate[] = [rateOf({ stopped: "jump" })];
      let now = NOW;
      for (const { price, ms } of steps) {
        now += ms;
        rates.push({ ...after(rates, price, now)!, id: String(now) });
        expect(currentRate(rates, now).usable).toBe(false);
      }
    }),
  );
});
