/** Workers and jobs for the scheduler's tests. */
import * as fc from "fast-check";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

export function modelView(over: Partial<ModelView> = {}): ModelView {
  return {
    id: "m",
    sha256: "aa",
    contextTokens: 1_000,
    constrains: true,
    slots: 1,
    prefillTokensPerS: 100,
    decodeTokensPerS: 20,
    ...over,
  };
}

export function workerView(over: Partial<WorkerView> = {}): WorkerView {
  return {
    id: "w",
    healthy: true,
    models: [modelView()],
    running: [],
    leasesMax: 256,
    proven: true,
    pausedUntil: null,
    idleSince: 0,
    completed: 0,
    failed: 0,
    warm: new Map(),
    ...over,
  };
}

export function waitingJob(over: Partial<WaitingJob> = {}): WaitingJob {
  return {
    id: "j",
    owner: "o",
    model: "m",
    sha256: "aa",
    constrained: false,
    promptTokens: 100,
    maxTokens: 100,
    cacheKey: "run",
    since: 0,
    moved: false,
    notBefore: 0,
    failedOn: new Set(),
    ...over,
  };
}

const anyModel = fc
  .record({
    slots: fc.integer({ min: 1, max: 3 }),
    contextTokens: fc.constantFrom(150, 1_000),
    constrains: fc.boolean(),
  })
  .map(modelView);

/** Up to six workers with names of their own. */
export const anyWorkers: fc.Arbitrary<WorkerView[]> = fc
  .array(
    fc.record({
      model: anyModel,
      healthy: fc.boolean(),
      failed: fc.nat(5),
      completed: fc.nat(5),
      idleSince: fc.nat(9),
    }),
    {
      maxLength: 6,
    },
  )
  .map((all) => all.map(({ model, ...rest }, index) => workerView({ ...rest, id: `w${index}`, models: [model] })));

/** Up to twelve jobs of up to four owners. */
export const anyJobs: fc.Arbitrary<WaitingJob[]> = fc
  .array(
    fc.record({
      owner: fc.constantFrom("a", "b", "c", "d"),
      since: fc.nat(20),
      moved: fc.boolean(),
      constrained: fc.boolean(),
      maxTokens: fc.constantFrom(10, 100, 5_000),
      notBefore: fc.constantFrom(0, 50),
      failedOn: fc.subarray(["w0", "w1", "w2"]).map((ids) => new Set(ids)),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((rest, index) => waitingJob({ ...rest, id: `j${index}` })));
