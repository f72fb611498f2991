import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FrameBudget } from "./frame-budget.ts";

/** How many of `count` frames sent at one moment are taken. */
function takenOf(budget: FrameBudget, count: number, now: number, leases: { held: number; taken: number }): number {
  let taken = 0;
  while (taken < count && budget.spend(now, leases)) taken++;
  return taken;
}

test("a worker without work has room for its heartbeats and for no flood", () => {
  const budget = new FrameBudget(0);
  expect(takenOf(budget, 10_000, 0, { held: 0, taken: 0 })).toBe(200);
  expect(takenOf(budget, 10_000, 1_000, { held: 0, taken: 0 })).toBe(50);
});

test("a lease adds its stream's frames to the budget, and frames on their way when it ends are accepted", () => {
  const budget = new FrameBudget(0);
  expect(takenOf(budget, 600, 0, { held: 1, taken: 1 })).toBe(600);
  expect(takenOf(budget, 500, 0, { held: 0, taken: 1 })).toBe(500);
});

test("law: without leases the budget never exceeds one burst, however long the wait", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), (pauses) => {
      const budget = new FrameBudget(0);
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        expect(takenOf(budget, 1_000, now, { held: 0, taken: 0 })).toBeLessThanOrEqual(200);
      }
    }),
  );
});
