import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MinTree } from "./min-tree.ts";

const anyNumbers = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
const anyChanges = fc.array(fc.tuple(fc.nat(39), fc.nat(20)), { maxLength: 20 });

test("a min tree knows the first of the smallest of any beginning", () => {
  fc.assert(
    fc.property(anyNumbers, anyChanges, (numbers, changes) => {
      const row = [...numbers];
      const tree = new MinTree(row.length, (place) => row[place]!);
      for (const [at, number] of changes) {
        row[at % row.length] = number;
        tree.set(at % row.length, number);
      }
      for (let reach = 1; reach <= row.length; reach++) {
        const beginning = row.slice(0, reach);
        expect(tree.smallest(reach)).toBe(beginning.indexOf(Math.min(...beginning)));
      }
      expect(row.map((_, place) => tree.get(place))).toEqual(row);
    }),
  );
});
