import { expect, test } from "vitest";
import { KnownSpeeds } from "./known-speeds.ts";

const speeds = { threads: 1, prefillTokensPerS: 16, decodeTokensPerS: 3.9, busy: true };
const inMinutes = (minutes: number) => performance.now() + minutes * 60_000;

test("the speeds of a busy machine are out of date a minute after a start, and then every ten minutes", async () => {
  const known = new KnownSpeeds(speeds);
  expect(known.outdated(inMinutes(0.9))).toBe(false);
  expect(known.outdated(inMinutes(1.1))).toBe(true);
  await known.measure(() => known.settle(null));
  expect(known.outdated(inMinutes(9))).toBe(false);
  expect(known.outdated(inMinutes(11))).toBe(true);
});

test("speeds measured by the first start on a busy machine are outdated a minute later", async () => {
  const known = new KnownSpeeds(null);
  await known.measure(() => known.settle(speeds));
  expect(known.outdated(inMinutes(1.1))).toBe(true);
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
