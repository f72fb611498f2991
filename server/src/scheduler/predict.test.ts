import * as fc from "fast-check";
import { expect, test } from "vitest";
import { durationMs, finishMs, prefillMs, reliability } from "./predict.ts";
import { modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const anyRate = fc.oneof(
  fc.constantFrom(0, -1, 1e-300, 1e308, Infinity, -Infinity, NaN),
  fc.double({ min: 0.1, max: 1e6, noNaN: true }),
);
const anyModel = fc.record({ prefillTokensPerS: anyRate, decodeTokensPerS: anyRate }).map(modelView);
const anyJob = fc.record({ promptTokens: fc.nat(1_000_000), maxTokens: fc.nat(1_000_000) }).map(waitingJob);
const counts = fc.nat(1_000_000);

test("every time is finite and above zero, whatever speed is claimed", () => {
  fc.assert(
    fc.property(anyModel, anyJob, counts, counts, fc.nat(5_000), (model, job, completed, failed, beside) => {
      const worker = workerView({ models: [model], completed, failed });
      const times = [finishMs(job, worker, model, beside), durationMs(job, worker, model, beside)];
      for (const ms of times) expect(Number.isFinite(ms) && ms > 0).toBe(true);
      const readMs = prefillMs(job, worker, model);
      expect(Number.isFinite(readMs) && readMs >= 0).toBe(true);
    }),
  );
});

test("each failure makes a worker less attractive, however fast it says it is", () => {
  fc.assert(
    fc.property(anyModel, anyJob, fc.nat(1_000), fc.nat(1_000), (model, job, completed, failed) => {
      const [now, later] = [failed, failed + 1].map((count) => workerView({ completed, failed: count }));
      expect(finishMs(job, later!, model, 0)).toBeGreaterThan(finishMs(job, now!, model, 0));
    }),
  );
});

test("a liar that only fails is passed over for an honest slow machine after a few attempts", () => {
  const [liar, honest] = [modelView({ prefillTokensPerS: 1e308, decodeTokensPerS: 1e308 }), modelView()];
  const lost = (failed: number) => finishMs(waitingJob(), workerView({ failed }), liar, 0);
  const slow = finishMs(waitingJob(), workerView(), honest, 0);
  expect(lost(0)).toBeLessThan(slow);
  expect(lost(15)).toBeGreaterThan(slow);
});

test("reliability is between nothing and certainty, and falls with each failure", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (completed, failed) => {
      const now = reliability({ completed, failed });
      expect(now).toBeGreaterThan(0);
      expect(now).toBeLessThan(1);
      expect(reliability({ completed, failed: failed + 1 })).toBeLessThan(now);
    }),
  );
});
