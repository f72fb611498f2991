/** Workers and jobs for the scheduler's tests. */
import * as fc from "fast-check";
import type { Snapshot } from "../scheduler/decide.ts";
import type { ModelView, WaitingJob, WorkerView } from "../scheduler/snapshot.ts";

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
    people: [],
    weight: 1,
    freeWeight: 1,
    askPercent: 100,
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
    person: null,
    isPaid: false,
    model: "m",
    sha256: "aa",
    constrained: false,
    askPercentMax: 100,
    isFree: false,
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

/** Two files of one model, and another model, as an engine may serve them; hostile claims among them. */
const anyModel = fc
  .record({
    id: fc.constantFrom("m", "m", "m", "other"),
    sha256: fc.constantFrom("aa", "aa", "aa", "bb"),
    slots: fc.constantFrom(0, 1, 1, 2, 3, 256, 2 ** 31, Infinity, NaN),
    contextTokens: fc.constantFrom(150, 200, 1_000, 1e308, NaN),
    constrains: fc.boolean(),
    prefillTokensPerS: fc.constantFrom(100, 100, 50, 1e308, 1e-300, 0, NaN),
    decodeTokensPerS: fc.constantFrom(20, 20, 5, 1e308, 1e-300, 0, -1, Infinity),
  })
  .map(modelView);

const anyLease = fc.record({
  job: fc.uuid(),
  model: fc.constantFrom("m", "m", "other"),
  owner: fc.constantFrom("a", "b", "c", "e"),
  endsAt: fc.nat(20_000),
});

/** Up to eight workers with names of their own. */
export const anyWorkers: fc.Arbitrary<WorkerView[]> = fc
  .array(
    fc.record({
      models: fc.array(anyModel, { minLength: 1, maxLength: 3 }),
      running: fc.array(anyLease, { maxLength: 4 }),
      people: fc.constantFrom([], [], ["ann"], ["bob"], ["ann", "bob"]),
      weight: fc.constantFrom(0, 1, 1, 2.5, 10),
      freeWeight: fc.constantFrom(0.1, 1, 1, 2.5),
      askPercent: fc.constantFrom(50, 100, 100, 150),
      healthy: fc.constantFrom(true, true, true, false),
      leasesMax: fc.constantFrom(0, 1, 2, 4, 256, Infinity),
      proven: fc.boolean(),
      pausedUntil: fc.constantFrom(null, null, 0, 1_000),
      failed: fc.nat(5),
      completed: fc.nat(5),
      idleSince: fc.nat(9),
      warm: fc.dictionary(fc.constantFrom("run", "thread"), fc.nat(200)).map((warm) => new Map(Object.entries(warm))),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.map((rest, index) => workerView({ ...rest, id: `w${index}` })));

/** Up to twelve jobs of up to four owners. */
export const anyJobs: fc.Arbitrary<WaitingJob[]> = fc
  .array(
    fc.record({
      owner: fc.constantFrom("a", "b", "c", "d"),
      model: fc.constantFrom("m", "m", "m", "other"),
      sha256: fc.constantFrom("aa", "aa", "aa", "bb"),
      since: fc.nat(20),
      moved: fc.boolean(),
      isFree: fc.boolean(),
      isPaid: fc.boolean(),
      person: fc.constantFrom(null, "ann", "ann", "cleo"),
      askPercentMax: fc.constantFrom(50, 100, 100, 150),
      constrained: fc.boolean(),
      promptTokens: fc.constantFrom(0, 100),
      maxTokens: fc.constantFrom(10, 100, 5_000),
      cacheKey: fc.constantFrom("run", "thread", "new"),
      notBefore: fc.constantFrom(0, 50),
      failedOn: fc.oneof(fc.constant([]), fc.subarray(["w0", "w1", "w2", "gone"])).map((ids) => new Set(ids)),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((rest, index) => waitingJob({ ...rest, id: `j${index}` })));

export const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  now: fc.nat(100),
  waiting: anyJobs,
  workers: anyWorkers,
  servedAt: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(50)).map((times) => new Map(Object.entries(times))),
});
