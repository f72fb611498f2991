import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RewardLeaves } from "../wrappers/merkle.ts";
import { loweredLeaf } from "./lowered-leaf.ts";

const key = (number: number): Buffer => Buffer.alloc(32, number);

function leavesOf(amounts: Readonly<Record<number, bigint>>): RewardLeaves {
  const owners = Object.keys(amounts)
    .map(Number)
    .sort((one, other) => one - other);
  return {
    keys: Buffer.concat(owners.map(key)),
    amounts: BigUint64Array.from(owners, (owner) => amounts[owner]!),
  };
}

test("finds an owner with less, and one left out, at either end too", () => {
  const current = leavesOf({ 1: 10n, 5: 20n, 9: 30n });
  expect(loweredLeaf(current, leavesOf({ 1: 10n, 5: 19n, 9: 30n }))).toEqual(key(5));
  expect(loweredLeaf(current, leavesOf({ 5: 20n, 9: 30n }))).toEqual(key(1));
  expect(loweredLeaf(current, leavesOf({ 1: 10n, 5: 20n }))).toEqual(key(9));
  expect(loweredLeaf(current, leavesOf({ 0: 1n, 1: 10n, 3: 1n, 5: 21n, 9: 30n, 10: 1n }))).toBeNull();
  expect(loweredLeaf(leavesOf({}), current)).toBeNull();
});

test("finds somebody exactly when somebody has less than before", () => {
  const amounts = fc.dictionary(fc.nat(20).map(String), fc.bigInt(1n, 5n));
  fc.assert(
    fc.property(amounts, amounts, (before, after) => {
      const loses = Object.keys(before).some((owner) => (after[owner] ?? 0n) < before[owner]!);
      expect(loweredLeaf(leavesOf(before), leavesOf(after)) !== null).toBe(loses);
    }),
  );
});
