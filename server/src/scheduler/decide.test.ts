import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { Snapshot } from "./decide.ts";
import { isCapable } from "./eligibility.ts";
import { freeSlots, servedModel } from "./snapshot.ts";
import type { RunningView, WaitingJob } from "./snapshot.ts";
import { anySnapshot, modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const servedAt = new Map<string, number>();
const anySeed = fc.nat();

function given(snapshot: Omit<Snapshot, "servedAt">, seed = 1): string[] {
  return decide({ ...snapshot, servedAt }, seed).map(({ job, worker }) => `${job}>${worker}`);
}

describe("leases", () => {
  test("no job gets two, and no slot is given twice", () => {
    fc.assert(
      fc.property(anySnapshot, anySeed, (snapshot, seed) => {
        const assignments = decide(snapshot, seed);
        expect(new Set(assignments.map(({ job }) => job)).size).toBe(assignments.length);
        for (const worker of snapshot.workers) {
          const taken = assignments.filter((assignment) => assignment.worker === worker.id);
          expect(taken.length).toBeLessThanOrEqual(Math.max(0, worker.leasesMax - worker.running.length));
          for (const model of worker.models) {
            const ofModel = taken.filter(({ job }) => {
              const { model: id, sha256 } = snapshot.waiting.find((one) => one.id === job)!;
              return id === model.id && sha256 === model.sha256 && servedModel(worker, { model: id, sha256 }) === model;
            });
            expect(ofModel.length).toBeLessThanOrEqual(Math.max(0, freeSlots(worker, model) || 0));
          }
        }
      }),
    );
  });

  test("go only to healthy workers that can do the job, at the time it may start", () => {
    fc.assert(
      fc.property(anySnapshot, anySeed, (snapshot, seed) => {
        for (const assignment of decide(snapshot, seed)) {
          const job = snapshot.waiting.find(({ id }) => id === assignment.job)!;
          const worker = snapshot.workers.find(({ id }) => id === assignment.worker)!;
          expect(isCapable(worker, job)).toBe(true);
          expect(worker.askPercent).toBeLessThanOrEqual(job.askPercentMax);
          expect(job.notBefore).toBeLessThanOrEqual(snapshot.now);
        }
      }),
    );
  });

  test("are decided the same again from the same snapshot and seed", () => {
    fc.assert(
      fc.property(anySnapshot, anySeed, (snapshot, seed) => {
        expect(decide(snapshot, seed)).toEqual(decide(snapshot, seed));
      }),
    );
  });

  test("leave no slot of a proven worker idle that some waiting job could use", () => {
    fc.assert(
      fc.property(anySnapshot, anySeed, (any, seed) => {
        const workers = any.workers.map((worker) => ({ ...worker, proven: true, pausedUntil: null }));
        const snapshot = { ...any, workers };
        const assignments = decide(snapshot, seed);
        const after = workers.map((worker) => ({ ...worker, running: [...worker.running, ...newLeases(worker.id)] }));
        function newLeases(id: string): RunningView[] {
          return assignments
            .filter((one) => one.worker === id)
            .map(({ job, endsAt }) => ({ ...snapshot.waiting.find((one) => one.id === job)!, job, endsAt }));
        }
        for (const job of snapshot.waiting) {
          const isLeft = job.notBefore <= snapshot.now && !assignments.some((one) => one.job === job.id);
          if (!isLeft || job.failedOn.size > 0) continue;
          const idle = after.filter(
            (worker) => isCapable(worker, job) && freeSlots(worker, servedModel(worker, job)!) > 0,
          );
          expect(idle).toEqual([]);
        }
      }),
    );
  });

  test("of free jobs leave no paid job waiting that the same worker could have done", () => {
    fc.assert(
      fc.property(anySnapshot, anySeed, (any, seed) => {
        const workers = any.workers.map((worker) => ({ ...worker, proven: true, pausedUntil: null }));
        const waiting = any.waiting.map((job) => ({ ...job, failedOn: new Set<string>() }));
        const snapshot = { ...any, workers, waiting };
        const assignments = decide(snapshot, seed);
        const isLeft = ({ id }: WaitingJob) => !assignments.some(({ job }) => job === id);
        const paidLeft = waiting.filter((job) => !job.isFree && job.notBefore <= any.now && isLeft(job));
        for (const { job: id, worker: workerId } of assignments) {
          const job = waiting.find((one) => one.id === id)!;
          const worker = workers.find((one) => one.id === workerId)!;
          if (!job.isFree || job.moved) continue;
          const model = servedModel(worker, job);
          const couldHave = paidLeft.filter((one) => isCapable(worker, one) && servedModel(worker, one) === model);
          expect(couldHave).toEqual([]);
        }
      }),
    );
  });

  test("are given to free jobs where no paid one can use the worker", () => {
    const waiting = [waitingJob({ id: "paid", model: "other" }), waitingJob({ id: "free", isFree: true })];
    expect(given({ now: 0, waiting, workers: [workerView()] })).toEqual(["free>w"]);
  });

  test("are not given to a worker that asks more than the job's price, also when the job moves and no other is left", () => {
    const dear = workerView({ askPercent: 105 });
    for (const job of [waitingJob(), waitingJob({ moved: true, failedOn: new Set(["gone"]) })])
      expect(given({ now: 0, waiting: [job], workers: [dear] })).toEqual([]);
    for (const askPercent of [50, 100])
      expect(given({ now: 0, waiting: [waitingJob()], workers: [workerView({ askPercent })] })).toEqual(["j>w"]);
    expect(given({ now: 0, waiting: [waitingJob({ askPercentMax: 105 })], workers: [dear] })).toEqual(["j>w"]);
  });

  test("are not given for another file of the same name", () => {
    expect(given({ now: 0, waiting: [waitingJob({ sha256: "bb" })], workers: [workerView()] })).toEqual([]);
  });

  test("are not given where prompt and answer do not fit the context", () => {
    const small = workerView({ models: [modelView({ contextTokens: 199 })] });
    expect(given({ now: 0, waiting: [waitingJob()], workers: [small] })).toEqual([]);
    const enough = workerView({ models: [modelView({ contextTokens: 200 })] });
    expect(given({ now: 0, waiting: [waitingJob()], workers: [enough] })).toEqual(["j>w"]);
  });

  test("of a constrained job are not given to an engine that cannot be held to a form", () => {
    const free = workerView({ models: [modelView({ constrains: false })] });
    expect(given({ now: 0, waiting: [waitingJob({ constrained: true })], workers: [free] })).toEqual([]);
    expect(given({ now: 0, waiting: [waitingJob()], workers: [free] })).toEqual(["j>w"]);
  });
});

describe("a job that lost a worker", () => {
  test("waits for another that is busy rather than go back to the one that failed it", () => {
    const busy = workerView({ id: "busy", running: [{ job: "x", model: "m", owner: "p", endsAt: 9 }] });
    const job = waitingJob({ failedOn: new Set(["w"]) });
    expect(given({ now: 0, waiting: [job], workers: [workerView(), busy] })).toEqual([]);
  });

  test("goes back to the one that failed it when there is no other", () => {
    expect(given({ now: 0, waiting: [waitingJob({ failedOn: new Set(["w"]) })], workers: [workerView()] })).toEqual([
      "j>w",
    ]);
  });

  test("goes before jobs that wait longer", () => {
    const waiting = [waitingJob({ id: "old" }), waitingJob({ id: "moved", owner: "p", since: 5, moved: true })];
    expect(given({ now: 9, waiting, workers: [workerView()] })).toEqual(["moved>w"]);
  });
});

describe("fairness", () => {
  test("no owner waits longer than one turn, however many jobs another keeps asking for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }), anySeed, (slots, crowd, seed) => {
        expect(turnsOfTheCrowd({ slots, crowd, seed })).toBe(0);
      }),
    );
  });
});

/** The crowd had its turn and holds older jobs; how many leases it gets before one of somebody who just came. */
function turnsOfTheCrowd({ slots, crowd, seed }: { slots: number; crowd: number; seed: number }): number {
  const worker = workerView({ models: [modelView({ slots })] });
  const waiting = Array.from({ length: crowd }, (_, since) => waitingJob({ id: `c${since}`, owner: "crowd", since }));
  waiting.push(waitingJob({ id: "late", owner: "late", since: 1_000 }));
  const order = decide({ now: 2_000, waiting, workers: [worker], servedAt: new Map([["crowd", 1]]) }, seed);
  return order.findIndex(({ job }) => job === "late");
}
