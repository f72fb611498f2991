import * as fc from "fast-check";
import { CLOSE } from "@starai/protocol/worker-frames";
import { expect, test } from "vitest";
import { BackOff, refusalAdvice } from "./back-off.ts";

const broken = { code: 1006, welcomedMs: 0 };

test("waits grow from a quarter second to half a minute and no further", () => {
  const backOff = new BackOff(() => 1);
  const waits = Array.from({ length: 12 }, () => backOff.next(broken));
  expect(waits.slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(waits.at(-1)).toBe(30_000);
});

test("after a good connection the first wait is short again, after a bad one it is not", () => {
  const backOff = new BackOff(() => 1);
  for (let tries = 0; tries < 8; tries++) backOff.next(broken);
  expect(backOff.next({ code: 1006, welcomedMs: 100 })).toBe(30_000);
  expect(backOff.next({ code: 1006, welcomedMs: 60_000 })).toBe(250);
});

test("no wait is ever longer than its ceiling", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (dice) => {
      const backOff = new BackOff(() => dice.pop() ?? 0);
      const waits = Array.from({ length: 40 }, () => backOff.next(broken));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    }),
  );
});

test.each([
  ["unauthorised", CLOSE.unauthorised],
  ["banned", CLOSE.banned],
  ["replaced", CLOSE.replaced],
  ["upgradeNeeded", CLOSE.upgradeNeeded],
])(
  "a refusal that only a person can lift (%s) is explained and not tried again within half a minute",
  (_name, code) => {
    expect(refusalAdvice(code)).toMatch(/:/);
    expect(new BackOff(() => 0).next({ code, welcomedMs: 0 })).toBeGreaterThanOrEqual(30_000);
  },
);

test("an ordinary break needs no advice", () => {
  expect(refusalAdvice(1006)).toBeNull();
});
