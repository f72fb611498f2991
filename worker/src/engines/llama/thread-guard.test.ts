import * as fc from "fast-check";
import { expect, test } from "vitest";
import { threadsFor } from "./thread-guard.ts";

test("alone on two cores the engine uses both", () => {
  expect(threadsFor({ own: 2, idle: 0 }, 2)).toBe(2);
  expect(threadsFor({ own: 0, idle: 2 }, 2)).toBe(2);
});

test("a small neighbour process costs no thread, a busy one does", () => {
  expect(threadsFor({ own: 1.75, idle: 0 }, 2)).toBe(2);
  expect(threadsFor({ own: 1.3, idle: 0 }, 2)).toBe(1);
});

test("the thread count rises again when the neighbour process ends", () => {
  expect(threadsFor({ own: 1, idle: 0.9 }, 2)).toBe(2);
});

test("there is always one thread and never more than allowed", () => {
  const cores = fc.double({ min: 0, max: 256, noNaN: true });
  fc.assert(
    fc.property(cores, cores, fc.integer({ min: 1, max: 64 }), (own, idle, most) => {
      const threads = threadsFor({ own, idle }, most);
      expect(threads).toBeGreaterThanOrEqual(1);
      expect(threads).toBeLessThanOrEqual(most);
    }),
  );
});
