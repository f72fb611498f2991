import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WeightTree } from "./weight-tree.ts";

const anyWeights = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
const anyChanges = fc.array(fc.tuple(fc.nat(39), fc.nat(20)), { maxLength: 20 });

test("a weight tree knows what any beginning weighs, and whose part each point of it is", () => {
  fc.assert(
    fc.property(anyWeights, anyChanges, (weights, changes) => {
      const tree = new WeightTree(weights.length, (place) => weights[place]!);
      for (const [at, weight] of changes) {
        weights[at % weights.length] = weight;
        tree.set(at % weights.length, weight);
      }
      for (let reach = 0; reach <= weights.length; reach++) {
        expect(tree.sum(reach)).toBe(weights.slice(0, reach).reduce((sum, weight) => sum + weight, 0));
      }
      const parts = weights.flatMap((weight, place) => Array<number>(weight).fill(place));
      expect(parts.map((_, before) => tree.at(before))).toEqual(parts);
    }),
  );
});
