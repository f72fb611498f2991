import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chooseNodes } from "./choose-nodes.ts";
import { shareLayers } from "./share-layers.ts";

/** All sets of so many of these numbers' places, the preferred first. */
function sets(places: number[], count: number): number[][] {
  if (count === 0) return [[]];
  return places.flatMap((place, at) => sets(places.slice(at + 1), count - 1).map((rest) => [place, ...rest]));
}

test("chooses what trying every set would: the fewest, and of those the preferred first", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 7 }),
      fc.integer({ min: -3, max: 30 }),
      (most, layers) => {
        const able = most.map((count, place) => ({ most: count, place }));
        const bySize = [1, 2, 3].flatMap((count) => sets([...most.keys()], count));
        const best = bySize.find((places) => places.reduce((sum, place) => sum + most[place]!, 0) >= layers) ?? null;
        expect(chooseNodes(able, { layers, nodesMax: 3 })?.map(({ place }) => place) ?? null).toEqual(best);
      },
    ),
  );
});

test("shares every layer, at least one to each machine and never more than it holds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 2, maxLength: 4 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (most, share) => {
        const all = most.reduce((sum, count) => sum + count, 0);
        const layers = Math.round(most.length + (all - most.length) * share);
        const shares = shareLayers(layers, most);
        expect(shares.reduce((sum, count) => sum + count, 0)).toBe(layers);
        shares.forEach((count, place) => {
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(most[place]!);
        });
      },
    ),
  );
});

test("shares in proportion to what each machine holds", () => {
  expect(shareLayers(28, [20, 20])).toEqual([14, 14]);
  expect(shareLayers(28, [10, 30])).toEqual([7, 21]);
});
