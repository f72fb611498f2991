import * as fc from "fast-check";
import { expect, test } from "vitest";
import { divideByWork } from "./divide-by-work.ts";

const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 18n });
/** Bytes of weights for a token: of nothing, of few, and of more than any model has. */
const anyWork = fc.oneof(fc.constantFrom(0, 1, 3), fc.nat(10), fc.integer({ min: 0, max: 2 ** 42 }));
const anyGroup = fc.array(anyWork, { minLength: 1, maxLength: 4 });

const sum = (amounts: readonly bigint[]) => amounts.reduce((all, amount) => all + amount, 0n);

test("an amount is divided by the work of each, and what rounding leaves goes to those that lost most by it", () => {
  expect(divideByWork(900n, [2, 1])).toEqual([600n, 300n]);
  expect(divideByWork(100n, [1, 1, 1])).toEqual([34n, 33n, 33n]);
  expect(divideByWork(101n, [10, 20, 30])).toEqual([17n, 34n, 50n]);
  expect(divideByWork(1n, [1, 2])).toEqual([0n, 1n]);
  expect(divideByWork(7n, [5])).toEqual([7n]);
  expect(divideByWork(7n, [])).toEqual([]);
});

test("the shares add up to the amount, each within one nano unit of what its work is worth", () => {
  fc.assert(
    fc.property(anyAmount, anyGroup, (amount, work) => {
      const shares = divideByWork(amount, work);
      expect(sum(shares)).toBe(amount);
      const all = sum(work.map(BigInt));
      fc.pre(all > 0n);
      for (const [at, share] of shares.entries()) {
        const off = share * all - amount * BigInt(work[at]!);
        expect(off < all && off > -all).toBe(true);
      }
    }),
  );
});

test("whoever computed nothing has nothing, and without any work the head has it all", () => {
  fc.assert(
    fc.property(anyAmount, anyGroup, (amount, work) => {
      fc.pre(work.some((one) => one > 0));
      const shares = divideByWork(amount, work);
      expect(shares.filter((share, at) => work[at] === 0 && share > 0n)).toEqual([]);
    }),
  );
  expect(divideByWork(7n, [0, 0])).toEqual([7n, 0n]);
});

test("in another order the machines have the same, but for the one unit that rounding left", () => {
  const anyOrder = anyGroup.chain((work) =>
    fc.record({ work: fc.constant(work), order: fc.shuffledSubarray([...work.keys()], { minLength: work.length }) }),
  );
  fc.assert(
    fc.property(anyAmount, anyOrder, (amount, { work, order }) => {
      fc.pre(work.some((one) => one > 0));
      const shares = divideByWork(amount, work);
      const turned = divideByWork(
        amount,
        order.map((at) => work[at]!),
      );
      for (const [place, at] of order.entries()) {
        const moved = turned[place]! - shares[at]!;
        expect(moved >= -1n && moved <= 1n).toBe(true);
      }
    }),
  );
});

test("more work never earns less than another's in the same group", () => {
  fc.assert(
    fc.property(anyAmount, anyGroup, (amount, work) => {
      const sorted = work.toSorted((one, other) => one - other);
      fc.pre(sorted.some((one) => one > 0));
      const shares = divideByWork(amount, sorted);
      const fell = shares.filter((share, at) => sorted[at - 1]! < sorted[at]! && share < shares[at - 1]!);
      expect(fell).toEqual([]);
    }),
  );
});

test("work that is no count divides nothing", () => {
  for (const odd of [-1, 0.5, NaN, Infinity, 2 ** 53]) expect(() => divideByWork(1n, [1, odd])).toThrow(RangeError);
});
