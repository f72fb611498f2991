import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

test("a heap gives back everything it was given, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(20)), (first, later) => {
      const heap = new Heap(first, (one, other) => one < other);
      for (const item of later) heap.push(item);
      const popped = Array.from({ length: first.length + later.length }, () => heap.pop());
      expect(popped).toEqual([...first, ...later].sort((one, other) => one - other));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
