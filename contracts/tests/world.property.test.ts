import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escrowPart } from "./world/escrow-part.ts";
import { rewardsPart } from "./world/rewards-part.ts";
import { buildWorld, runSequence, sequences } from "./world/run-sequence.ts";
import { vaultPart } from "./world/vault-part.ts";

/** Everything that lives on the chain together. */
const parts = [escrowPart, vaultPart, rewardsPart];

// 2,000 sequences over both price lists take about half an hour of a free core; eight show that the laws are still looked at.
const numRuns = process.env.LONG_TESTS ? 1000 : 4;

describe.each(["june-2026", "before-april-2026"] as const)(
  "whatever people do in whatever order, at the prices of %s",
  (prices) => {
    test("no law breaks and no nano unit is lost", { timeout: 7_200_000 }, async () => {
      const world = await buildWorld(prices, parts);
      let succeeded = 0;
      const property = fc.asyncProperty(sequences, async (steps) => {
        succeeded += await runSequence(world, steps);
      });
      await fc.assert(property, { numRuns });
      // A check that saw nothing would be green too.
      expect(succeeded).toBeGreaterThan(numRuns * 10);
    });
  },
);
