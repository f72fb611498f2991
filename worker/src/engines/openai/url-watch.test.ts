import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UrlWatch } from "./url-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;

function watched() {
  const engine = { fault: null as string | null, looks: 0 };
  const told: boolean[] = [];
  const watch = new UrlWatch({
    look: async () => {
      engine.looks++;
      if (engine.fault !== null) throw new Error(engine.fault);
    },
    onServing: () => told.push(watch.serving),
    logger: { error: () => {}, info: () => {} },
  });
  return { engine, told, watch };
}

test("an engine that goes away while nobody asks anything is withdrawn, once, and comes back by itself", async () => {
  const { engine, told, watch } = watched();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(told).toEqual([]);
  engine.fault = 'it has no model "tiny" but other';
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([told, watch.serving]).toEqual([[false], false]);
  engine.fault = null;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([told, watch.serving]).toEqual([[false, true], true]);
  watch.close();
});

test("one miss alone withdraws nothing, neither a look's nor a job's", async () => {
  const { engine, told, watch } = watched();
  engine.fault = "no answer";
  while (engine.looks === 0) await vi.advanceTimersByTimeAsync(1_000);
  engine.fault = null;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  watch.failed();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(told).toEqual([]);
  watch.close();
});

test("an engine that stays away is asked ever more rarely, and none that was closed", async () => {
  const { engine, watch } = watched();
  engine.fault = "no answer";
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  const before = engine.looks;
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(engine.looks - before).toBe(20);
  watch.close();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(engine.looks - before).toBe(20);
});
