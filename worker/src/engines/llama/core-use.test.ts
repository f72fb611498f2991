import * as fc from "fast-check";
import { expect, test } from "vitest";
import { coreTimes, coreUse, isBusy } from "./core-use.ts";

/** Core use over two seconds: cores used by this process, by all others, and idle. */
function seconds({ own, others, idle }: { own: number; others: number; idle: number }) {
  const before = { atMs: 5_000, ownMs: 700, busyMs: 90_000, idleMs: 400_000 };
  const [ownMs, busyMs, idleMs] = [700 + own * 2_000, 90_000 + (own + others) * 2_000, 400_000 + idle * 2_000];
  return coreUse(before, { atMs: 7_000, ownMs, busyMs, idleMs });
}

test("this process's own work is not counted as other programs' work", () => {
  const cores = fc.record({ own: fc.nat(128), others: fc.nat(128), idle: fc.nat(128) });
  fc.assert(
    fc.property(cores, (use) => {
      expect(seconds(use)).toEqual(use);
    }),
  );
});

test("a program that takes a core the engine may have wanted makes the machine busy", () => {
  expect(isBusy(seconds({ own: 1.3, others: 0.7, idle: 0 }))).toBe(true);
  expect(isBusy(seconds({ own: 1, others: 1, idle: 0 }))).toBe(true);
  expect(isBusy(seconds({ own: 4, others: 40, idle: 20 }))).toBe(true);
});

test("the engine's own work, a small neighbour and others on a part of a large machine do not", () => {
  expect(isBusy(seconds({ own: 2, others: 0, idle: 0 }))).toBe(false);
  expect(isBusy(seconds({ own: 1.75, others: 0.25, idle: 0 }))).toBe(false);
  expect(isBusy(seconds({ own: 4, others: 20, idle: 40 }))).toBe(false);
});

test("without system counters a measurement counts as undisturbed", () => {
  const { atMs, ownMs } = coreTimes();
  const nothing = { atMs, ownMs, busyMs: 0, idleMs: 0 };
  expect(isBusy(coreUse(nothing, { ...nothing, atMs: atMs + 2_000, ownMs: ownMs + 2_000 }))).toBe(false);
});

test("this system's counters grow", async () => {
  const before = coreTimes();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const use = coreUse(before, coreTimes());
  expect(use.own + use.others + use.idle).toBeGreaterThan(0);
});
