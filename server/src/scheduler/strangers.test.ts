import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { isCapable } from "./eligibility.ts";
import { forecast } from "./forecast.ts";
import { TRIALS_AT_ONCE } from "./route.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";
import { anySnapshot, modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const busy = [{ job: "x", model: "m", owner: "p", endsAt: 9_000 }];
const proven = workerView({ id: "proven" });
const provenBusy = workerView({ id: "proven", running: busy });
const SEEDS = Array.from({ length: 1_000 }, (_, seed) => seed);

function stranger(id: string, over: Partial<WorkerView> = {}): WorkerView {
  const fast = modelView({ prefillTokensPerS: 1e308, decodeTokensPerS: 1e308, slots: 256 });
  return workerView({ id, models: [fast], proven: false, ...over });
}

function crowd(count: number): WorkerView[] {
  return Array.from({ length: count }, (_, index) => stranger(`stranger ${index}`));
}

function jobs(count: number): WaitingJob[] {
  return Array.from({ length: count }, (_, index) => waitingJob({ id: `j${index}`, owner: `o${index}` }));
}

function given(waiting: WaitingJob[], workers: WorkerView[], seed = 1): string[] {
  return decide({ now: 0, waiting, workers, servedAt: new Map() }, seed).map(({ worker }) => worker);
}

describe("strangers", () => {
  test("get a job now and then although a proven worker is free, and no more often", () => {
    const trials = SEEDS.filter((seed) => given([waitingJob()], [proven, stranger("s")], seed)[0] === "s").length;
    expect(trials).toBeGreaterThan(1_000 / 32);
    expect(trials).toBeLessThan(1_000 / 8);
  });

  test("get a first attempt when every proven worker is busy", () => {
    expect(given([waitingJob()], [provenBusy, stranger("s")])).toEqual(["s"]);
  });

  test("hold a few jobs of a model at most while a proven worker is there, however many they are", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(3), (seed, held) => {
        const workers = [provenBusy, ...crowd(200)];
        const holding = workers.map((worker, at) => (at > 0 && at <= held ? { ...worker, running: busy } : worker));
        expect(given(jobs(20), holding, seed)).toHaveLength(TRIALS_AT_ONCE - held);
      }),
    );
  });

  test("of one model do not use up the trials of another", () => {
    const other = modelView({ id: "other" });
    const holding = stranger("holds", { running: Array(TRIALS_AT_ONCE).fill(busy[0]) });
    const workers = [workerView({ id: "p", models: [other], running: [{ ...busy[0]!, model: "other" }] }), holding];
    const free = stranger("free", { models: [other] });
    expect(given([waitingJob({ model: "other" })], [...workers, free])).toEqual(["free"]);
  });

  test("get everything where there is nobody else", () => {
    expect(given(jobs(20), crowd(3))).toHaveLength(20);
  });

  test("get no job that was lost before while a proven worker could do it, even if that is busy", () => {
    const lost = waitingJob({ failedOn: new Set(["somebody"]) });
    const moved = waitingJob({ moved: true });
    for (const job of [lost, moved]) {
      expect(given([job], [provenBusy, stranger("s")])).toEqual([]);
      for (const seed of SEEDS) expect(given([job], [proven, stranger("s")], seed)).toEqual(["proven"]);
    }
  });

  test("get a job that was lost before when no proven worker could do it", () => {
    const lost = waitingJob({ failedOn: new Set(["s"]) });
    const small = workerView({ id: "small", models: [modelView({ contextTokens: 10 })] });
    expect(given([lost], [small, stranger("s"), stranger("t")])).toEqual(["t"]);
    expect(given([lost], [small, stranger("s")])).toEqual(["s"]);
  });

  test("do not shorten the time a person is told, while a proven worker is there", () => {
    const snapshot = { now: 0, waiting: [waitingJob()], servedAt: new Map<string, number>() };
    expect(forecast({ ...snapshot, workers: [provenBusy, ...crowd(9)] }).get("j")!.etaMs).toBe(9_000);
    expect(forecast({ ...snapshot, workers: crowd(9) }).get("j")!.etaMs).toBe(0);
  });

  test("however many cost a job one attempt when a proven worker is there", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const workers = [proven, ...crowd(200)];
        const failedOn = new Set<string>();
        let attempts = 1;
        for (let at = given([waitingJob({ failedOn })], workers, seed)[0]!; at !== "proven"; attempts++) {
          failedOn.add(at);
          at = given([waitingJob({ failedOn, moved: true })], workers, seed + attempts)[0]!;
        }
        expect(attempts).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe("a paused worker", () => {
  const paused = workerView({ id: "paused", pausedUntil: 1 });

  test("is not asked while another could do the job, even if that is busy", () => {
    expect(given([waitingJob()], [paused, provenBusy])).toEqual([]);
  });

  test("is asked where there is nobody else, and when its pause is over", () => {
    expect(given([waitingJob()], [paused])).toEqual(["paused"]);
    expect(given([waitingJob()], [provenBusy, { ...paused, pausedUntil: 0 }])).toEqual(["paused"]);
  });
});

test("a worker gets no more leases than it may hold, whatever slots it claims", () => {
  expect(given(jobs(9), [stranger("s", { leasesMax: 2 })])).toHaveLength(2);
  expect(given(jobs(9), [stranger("s", { leasesMax: 2, running: [{ ...busy[0]!, model: "other" }] })])).toHaveLength(1);
});

test("no job is without a forecast time while anybody at all could do it", () => {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => {
      for (const [id, { etaMs }] of forecast(snapshot)) {
        const job = snapshot.waiting.find((one) => one.id === id)!;
        expect(etaMs !== null).toBe(snapshot.workers.some((worker) => isCapable(worker, job)));
      }
    }),
  );
});
