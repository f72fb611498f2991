import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("what stays the same is asked rarer and rarer, up to a bound, and often again once it changes", () => {
  const pace = new Pace();
  const idle = { machines: [{ running: 0 }] };
  const at = [1_000, 6_000, 11_000, 21_000, 36_000, 90_000];
  expect(at.map((ms) => pace.next(idle, ms))).toEqual([5_000, 5_000, 10_000, 15_000, 15_000, 15_000]);
  expect(pace.next({ machines: [{ running: 1 }] }, 95_000)).toBe(5_000);
});

test("one answer has one pace, however often it is looked at", () => {
  const pace = new Pace();
  pace.next("same", 0);
  expect([pace.next("same", 8_000), pace.next("same", 8_000)]).toEqual([8_000, 8_000]);
});
