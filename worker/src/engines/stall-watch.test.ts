import { expect, test } from "vitest";
import { StallWatch } from "./stall-watch.ts";

test("reading a long prompt is not a stall while it makes progress", () => {
  const watch = new StallWatch(0);
  for (let now = 30_000; now <= 300_000; now += 30_000) watch.progress(now);
  expect(watch.stalled(359_000)).toBe(false);
  expect(watch.stalled(361_000)).toBe(true);
});

test("after the first token, five seconds without another are a stall", () => {
  const watch = new StallWatch(0);
  for (let now = 100; now <= 1_000; now += 100) watch.token(now);
  expect(watch.stalled(5_900)).toBe(false);
  expect(watch.stalled(6_100)).toBe(true);
});

test("a slow engine gets twenty of its own gaps", () => {
  const watch = new StallWatch(0);
  for (let now = 1_000; now <= 10_000; now += 1_000) watch.token(now);
  expect(watch.stalled(29_000)).toBe(false);
  expect(watch.stalled(31_000)).toBe(true);
});

test("time in which this process did not run is not held against the engine", () => {
  const watch = new StallWatch(0);
  watch.token(100);
  watch.token(200);
  watch.forgive(3_600_000);
  expect(watch.stalled(3_601_000)).toBe(false);
  expect(watch.stalled(3_606_000)).toBe(true);
});
