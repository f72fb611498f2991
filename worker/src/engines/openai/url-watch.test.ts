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

test("an idle engine that goes away is withdrawn once, and offered again when it answers", async () => {
  const { engine, told, watch } = watched();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(told).toEqual([]);
  engine.fault = 'it does not have the model "tiny", only other';
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([told, watch.serving]).toEqual([[false], false]);
  engine.fault = null;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([told, watch.serving]).toEqual([[false, true], true]);
  watch.close();
});

test("a single miss, of a check or of a job, withdraws nothing", async () => {
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

test("an engine that stays away is checked ever more rarely, a closed one not at all", async () => {
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
