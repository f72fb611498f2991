import { expect, test } from "vitest";
import type { StreamView } from "./health.ts";
import { isOvertaken } from "./overtaken.ts";
import { modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const job = waitingJob({ failedOn: new Set(["hangs"]) });
const silent: StreamView = { job: "j", lastSignAt: 0, medianGapMs: null, started: false, predictedPrefillMs: 1_000 };
const better = workerView({ id: "better" });
const busy = [{ job: "x", model: "m", owner: "p", endsAt: 9_000 }];

function overtaken(workers: ReturnType<typeof workerView>[], { now = 3_000, stream = silent, proven = false } = {}) {
  return isOvertaken(now, stream, { job, proven, workers });
}

test("a job that hangs at a stranger is taken from it when a proven worker is free", () => {
  expect(overtaken([better])).toBe(true);
});

test("it is left there as long as it is not late, and once it has begun", () => {
  expect(overtaken([better], { now: 2_000 })).toBe(false);
  expect(overtaken([better], { stream: { ...silent, started: true } })).toBe(false);
});

test("it is left there when nobody better could begin at once", () => {
  expect(overtaken([])).toBe(false);
  expect(overtaken([workerView({ proven: false })])).toBe(false);
  expect(overtaken([workerView({ running: busy })])).toBe(false);
  expect(overtaken([workerView({ pausedUntil: 3_001 })])).toBe(false);
  expect(overtaken([workerView({ healthy: false })])).toBe(false);
  expect(overtaken([workerView({ askPercent: 105 })])).toBe(false);
  expect(overtaken([workerView({ models: [modelView({ contextTokens: 199 })] })])).toBe(false);
});

test("it does not go to a worker that had it already", () => {
  expect(overtaken([workerView({ id: "hangs" })])).toBe(false);
});

test("a proven worker is given the time it needs", () => {
  expect(overtaken([better], { proven: true })).toBe(false);
});
