import * as fc from "fast-check";
import { expect, test } from "vitest";
import { payAhead } from "./pay-ahead.ts";

const STAR = 1_000_000_000n;
/** At $1.70 a Star of $0.013 is 0.007647058 coins. */
const RATE = 1_700_000n;

test("each is paid whole in turn, and the last one as far as the coins reach", () => {
  const earners = [
    { worker: "a", stars: 100n * STAR },
    { worker: "b", stars: 100n * STAR },
    { worker: "c", stars: 100n * STAR },
  ];
  const paid = payAhead(earners, { coins: 1_147_058_823n, microUsdPerCoin: RATE });
  expect(paid.map(({ worker, coins }) => [worker, coins])).toEqual([
    ["a", 764_705_882n],
    ["b", 382_352_940n],
  ]);
  expect(paid[0]?.stars).toBe(100n * STAR);
  expect(paid[1]!.stars).toBeLessThan(51n * STAR);
});

test("nobody is paid without coins, and who earned less than a nano coin waits for more", () => {
  expect(payAhead([{ worker: "a", stars: STAR }], { coins: 0n, microUsdPerCoin: RATE })).toEqual([]);
  expect(payAhead([{ worker: "a", stars: 1n }], { coins: STAR, microUsdPerCoin: RATE })).toEqual([]);
});

test("never more coins than there are, never more Stars than earned, and nobody before one who waits longer", () => {
  const star = fc.bigInt({ min: 1n, max: 10n ** 13n });
  fc.assert(
    fc.property(
      fc.array(star, { maxLength: 20 }),
      fc.bigInt({ min: 0n, max: 10n ** 14n }),
      fc.bigInt({ min: 10_000n, max: 10_000_000_000n }),
      (stars, coins, microUsdPerCoin) => {
        const earners = stars.map((amount, at) => ({ worker: String(at), stars: amount }));
        const paid = payAhead(earners, { coins, microUsdPerCoin });
        expect(paid.reduce((sum, one) => sum + one.coins, 0n)).toBeLessThanOrEqual(coins);
        for (const { worker, stars: converted, coins: worth } of paid) {
          expect(converted).toBeLessThanOrEqual(earners[Number(worker)]!.stars);
          expect(converted).toBeGreaterThan(0n);
          // Rounded down, by less than a nano coin.
          expect(worth).toBe((converted * 13_000n) / microUsdPerCoin);
        }
        const short = earners.findIndex(({ worker, stars: earned }) => {
          const mine = paid.find((one) => one.worker === worker);
          return (mine?.stars ?? 0n) < earned && (earned * 13_000n) / microUsdPerCoin > 0n;
        });
        expect(paid.filter(({ worker }) => short >= 0 && Number(worker) > short)).toEqual([]);
      },
    ),
  );
});
