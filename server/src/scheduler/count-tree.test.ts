import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CountTree } from "./count-tree.ts";

const anyNumbers = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
const anyChanges = fc.array(fc.tuple(fc.nat(39), fc.nat(20)), { maxLength: 20 });

test("a count tree knows how many of any beginning are in, and where each of them is", () => {
  fc.assert(
    fc.property(anyNumbers, anyChanges, (numbers, changes) => {
      const isIn = numbers.map((number) => number % 2 === 1);
      const tree = new CountTree(isIn.length, (place) => isIn[place]!);
      for (const [at, number] of changes) {
        isIn[at % isIn.length] = number % 2 === 1;
        tree.set(at % isIn.length, number % 2 === 1);
      }
      for (let reach = 0; reach <= isIn.length; reach++) {
        expect(tree.count(reach)).toBe(isIn.slice(0, reach).filter(Boolean).length);
      }
      const places = isIn.flatMap((one, place) => (one ? [place] : []));
      expect(places.map((_, before) => tree.at(before))).toEqual(places);
    }),
  );
});
