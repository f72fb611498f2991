import { expect, test } from "vitest";
import { KnownSpeeds } from "./known-speeds.ts";

const speeds = { threads: 1, prefillTokensPerS: 16, decodeTokensPerS: 3.9, busy: true };
const inMinutes = (minutes: number) => performance.now() + minutes * 60_000;

test("the speeds of a busy machine are out of date after ten minutes, and not before", () => {
  const known = new KnownSpeeds(speeds);
  expect(known.outdated(inMinutes(9))).toBe(false);
  expect(known.outdated(inMinutes(11))).toBe(true);
});

test("speeds from an undisturbed machine are not measured again, and missing speeds are not outdated", () => {
  expect(new KnownSpeeds({ ...speeds, busy: false }).outdated(inMinutes(1_000))).toBe(false);
  expect(new KnownSpeeds(null).outdated(inMinutes(1_000))).toBe(false);
});

test("a measurement replaces the known speeds; a pre-empted one does not", async () => {
  const known = new KnownSpeeds(speeds);
  expect(await known.measure(() => known.settle(null))).toBeNull();
  expect(known.speeds).toEqual(speeds);
  const better = { threads: 2, prefillTokensPerS: 62, decodeTokensPerS: 20, busy: false };
  expect(await known.measure(() => known.settle(better))).toEqual(better);
  expect(known.speeds).toEqual(better);
});
