import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { askFor } from "./ask.ts";
import { decide } from "./decide.ts";
import { isCapable } from "./eligibility.ts";
import type { WorkerView } from "./snapshot.ts";
import { anySnapshot, modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const busy = [{ job: "x", model: "m", owner: "p", endsAt: 9_000 }];

function asked(workers: WorkerView[], job = waitingJob()): number | null {
  return askFor(job, { workers, now: 0 });
}

function busyAt(askPercent: number, slots: number): WorkerView {
  return workerView({ askPercent, models: [modelView({ slots })], running: Array(slots).fill(busy[0]) });
}

describe("the ask an answer is quoted at", () => {
  test("is the smallest at which somebody can start at once", () => {
    const workers = [150, 80, 100].map((askPercent) => workerView({ id: `${askPercent}`, askPercent }));
    expect(asked(workers)).toBe(80);
    expect(asked([workerView({ id: "cheap", askPercent: 50, running: busy }), ...workers])).toBe(80);
  });

  test("is accepted by half of the slots while all are busy", () => {
    expect(asked([busyAt(50, 1), busyAt(100, 4), busyAt(200, 2)])).toBe(100);
    expect(asked([busyAt(50, 2), busyAt(100, 1), busyAt(200, 1)])).toBe(50);
    expect(asked([busyAt(300, 1)])).toBe(300);
  });

  test("is not set by a stranger, nor by a paused worker, while there is another", () => {
    const usual = workerView();
    expect(asked([usual, workerView({ askPercent: 50, proven: false })])).toBe(100);
    expect(asked([usual, workerView({ askPercent: 50, pausedUntil: 1 })])).toBe(100);
    expect(asked([workerView({ askPercent: 50, proven: false })])).toBe(50);
    expect(asked([workerView({ askPercent: 50, pausedUntil: 1 })])).toBe(50);
  });

  test("is not set by a worker that could not do it", () => {
    const job = waitingJob({ constrained: true, maxTokens: 500 });
    const unable = [
      modelView({ constrains: false }),
      modelView({ contextTokens: 599 }),
      modelView({ id: "other" }),
      modelView({ sha256: "bb" }),
    ].map((model, index) => workerView({ id: `${index}`, askPercent: 50, models: [model] }));
    expect(asked([...unable, workerView({ askPercent: 50, healthy: false })], job)).toBeNull();
    expect(asked([...unable, workerView()], job)).toBe(100);
  });

  test("always has a worker that could do the job at it, and none where nobody could at any", () => {
    fc.assert(
      fc.property(anySnapshot, ({ workers, waiting, now }) => {
        for (const job of waiting) {
          const ask = askFor(job, { workers, now });
          const anyPrice = { ...job, askPercentMax: Infinity };
          expect(ask !== null).toBe(workers.some((worker) => isCapable(worker, anyPrice)));
          const atThat = { ...job, askPercentMax: ask ?? 0 };
          expect(ask !== null).toBe(workers.some((worker) => isCapable(worker, atThat)));
        }
      }),
    );
  });

  test("lets a job start at once wherever a proven worker could", () => {
    fc.assert(
      fc.property(anySnapshot, fc.nat(), ({ workers: all, waiting, servedAt }, seed) => {
        const workers = all.map((worker) => ({ ...worker, proven: true, pausedUntil: null }));
        for (const any of waiting) {
          const job = { ...any, notBefore: 0, failedOn: new Set<string>() };
          const start = (askPercentMax: number) =>
            decide({ now: 0, waiting: [{ ...job, askPercentMax }], workers, servedAt }, seed).length;
          const ask = askFor(job, { workers, now: 0 }) ?? Infinity;
          expect(start(ask)).toBe(start(Infinity));
        }
      }),
    );
  });
});
