import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isEnough } from "./settle-stuck.ts";

/** Each way of giving every amount a value of its own. */
function canBePaid(values: readonly bigint[], [amount, ...others]: readonly bigint[]): boolean {
  if (amount === undefined) return true;
  return values.some((value, at) => value >= amount && canBePaid(values.toSpliced(at, 1), others));
}

test("a message pays one withdrawal, and one that is large enough", () => {
  expect(isEnough([5n], [5n])).toBe(true);
  expect(isEnough([5n, 3n], [3n, 5n])).toBe(true);
  expect(isEnough([10n], [5n, 5n])).toBe(false);
  expect(isEnough([4n, 4n], [5n])).toBe(false);
  expect(isEnough([], [1n])).toBe(false);
});

test("law: it is enough where some way of paying is found", () => {
  const few = fc.array(fc.bigInt(1n, 6n), { maxLength: 5 });
  fc.assert(
    fc.property(few, few, (values, amounts) => {
      expect(isEnough(values, amounts)).toBe(canBePaid(values, amounts));
    }),
  );
});
