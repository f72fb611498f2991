import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LENT_BUILDS_MAX } from "@starai/protocol/pool-prices";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import type { Offer } from "../../scheduler/groups/form-groups.ts";
import { lentOf } from "./lent.ts";

const [ONE, OTHER] = ["a".repeat(64), "b".repeat(64)];
const GB = 1e9;

function offer(worker: string, memoryBytes: number, over: Partial<Offer> = {}): Offer {
  const owner = { person: "ann", isTrusted: false, serves: "pool" } as const;
  return { worker, ...owner, build: ONE, memoryBytes, wants: null, files: [], ...over };
}

const lent = (offers: readonly Offer[], ...taken: string[]) =>
  lentOf({ offers, groups: [{ model: "m", person: null, workers: taken }] });

test("what is lent to everybody is told by build, the largest first and in tenths of a gigabyte", () => {
  const offers = [offer("x", 2.39 * GB), offer("y", 8 * GB), offer("z", 9.04 * GB, { build: OTHER })];
  expect(lent(offers)).toEqual([
    { build: OTHER, memoryBytes: [9 * GB] },
    { build: ONE, memoryBytes: [8 * GB, 2.3 * GB] },
  ]);
});

test("what is lent to its owner's heads alone, is in a group, or is next to nothing, is not told", () => {
  const own = offer("x", 8 * GB, { serves: "own" });
  expect(lent([own, offer("y", 4 * GB), offer("z", 90e6)], "y")).toEqual([]);
});

test("no more is told than one group can take, of a bounded number of builds, and nothing that nobody lends", () => {
  const anyOffer = fc.record({ memoryBytes: fc.nat(40 * GB), build: fc.integer({ min: 10, max: 40 }) });
  fc.assert(
    fc.property(fc.array(anyOffer, { maxLength: 200 }), (some) => {
      const offers = some.map(({ memoryBytes, build }, at) =>
        offer(`w${at}`, memoryBytes, { build: String(build).repeat(32) }),
      );
      const told = lent(offers);
      expect(told.length).toBeLessThanOrEqual(LENT_BUILDS_MAX);
      for (const { build, memoryBytes } of told) {
        expect(memoryBytes.length).toBeLessThanOrEqual(GROUP_NODES_MAX);
        const real = offers.filter((one) => one.build === build).map((one) => one.memoryBytes);
        const largest = real.toSorted((one, other) => other - one);
        for (const [at, bytes] of memoryBytes.entries()) expect(bytes).toBeLessThanOrEqual(largest[at] ?? 0);
      }
    }),
  );
});
