import * as fc from "fast-check";
import { expect, test } from "vitest";
import { STAKE_MIN } from "@starai/protocol/contributor";
import { WEIGHT_UNIT } from "../scheduler/free-workers.ts";
import { freeWeightOf, lastWeightOf, weightOf } from "./stake-weight.ts";

const KEYS_MAX = 1_000;
const stakes = fc.bigInt({ min: 0n, max: 100n * STAKE_MIN });
const many = fc.integer({ min: 2, max: KEYS_MAX });
const summed = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);
/** As the database divides it. */
const behindEach = (stake: bigint, machines: number) => ({ stake: stake / BigInt(machines), machines });
const all = <T>(machines: number, of: () => T) => Array.from({ length: machines }, of);
/** Weights are added as numbers of the machine, which round. */
const HAIR = 1e-9;

test("a stake divided among a thousand identities of one machine is never drawn more often than on one of them", () => {
  fc.assert(
    fc.property(stakes, many, (stake, keys) => {
      const split = summed(all(keys, () => weightOf(behindEach(stake, keys))));
      expect(split).toBeLessThanOrEqual(weightOf(behindEach(stake, 1)) + HAIR);
      const free = summed(all(keys, () => freeWeightOf(behindEach(stake, keys))));
      expect(free).toBeLessThanOrEqual(freeWeightOf(behindEach(stake, 1)) + HAIR);
      const last = summed(all(keys, () => lastWeightOf({ machines: keys })));
      expect(last).toBeLessThanOrEqual(lastWeightOf({ machines: 1 }) + HAIR);
    }),
  );
});

test("the scheduler draws by weights fine enough that a thousand identities are not rounded up to more than one", () => {
  expect(lastWeightOf({ machines: KEYS_MAX }) * WEIGHT_UNIT).toBeGreaterThanOrEqual(1);
});

test("machines without a stake are drawn for unpaid jobs, all of a person's as often as one", () => {
  expect(freeWeightOf({ stake: 0n, machines: 1 })).toBe(1);
  expect(freeWeightOf({ stake: 0n, machines: 4 })).toBe(0.25);
  expect(freeWeightOf({ stake: STAKE_MIN, machines: 4 })).toBe(1);
});

test("a stake counts from the least behind each machine, and up to ten times the least for all of them", () => {
  expect(weightOf({ stake: STAKE_MIN - 1n, machines: 1 })).toBe(0);
  expect(weightOf({ stake: STAKE_MIN, machines: 1 })).toBe(1);
  expect(weightOf({ stake: (5n * STAKE_MIN) / 2n, machines: 2 })).toBe(2.5);
  expect(weightOf({ stake: 100n * STAKE_MIN, machines: 1 })).toBe(10);
  expect(weightOf({ stake: 10n * STAKE_MIN, machines: 4 })).toBe(2.5);
});
