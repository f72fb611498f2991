import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit, fairOrder } from "./fair-queue.ts";
import { forecast } from "./forecast.ts";
import { anyJobs, anyWorkers, modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const FRESH = { servedAt: new Map<string, number>() };
const NONE = { running: new Map<string, number>(), ...FRESH };
const ids = (jobs: readonly { id: string }[]) => jobs.map((job) => job.id);

describe("the order of the queue", () => {
  test("holds every job once", () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        expect(ids(fairOrder(jobs, NONE)).sort()).toEqual(ids(jobs).sort());
      }),
    );
  });

  test("does not depend on the order in which jobs are told", () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        expect(ids(fairOrder([...jobs].reverse(), NONE))).toEqual(ids(fairOrder(jobs, NONE)));
      }),
    );
  });

  test("gives an owner no second turn before every other waiting owner had a first", () => {
    fc.assert(
      fc.property(anyJobs, (all) => {
        const jobs = all.map((job) => ({ ...job, moved: false }));
        const owners = fairOrder(jobs, NONE).map((job) => job.owner);
        const distinct = new Set(owners).size;
        expect(new Set(owners.slice(0, distinct)).size).toBe(distinct);
      }),
    );
  });

  test("puts owners with nothing running before owners with something", () => {
    const jobs = [waitingJob({ id: "early", owner: "busy" }), waitingJob({ id: "late", owner: "idle", since: 9 })];
    expect(ids(fairOrder(jobs, { running: new Map([["busy", 1]]), servedAt: new Map() }))).toEqual(["late", "early"]);
  });

  test("gives the turn to who had none for longest, when both run equally much", () => {
    const jobs = [
      waitingJob({ id: "early", owner: "served" }),
      waitingJob({ id: "late", owner: "forgotten", since: 9 }),
    ];
    const servedAt = new Map([["served", 5]]);
    expect(ids(fairOrder(jobs, { running: new Map(), servedAt }))).toEqual(["late", "early"]);
  });
});

describe("the door of the queue", () => {
  const limits = { queueMax: 3, jobsPerOwnerMax: 2 };

  test("opens below both bounds", () => {
    expect(admit({ waiting: 2, held: 1 }, limits)).toEqual({ kind: "admitted" });
  });

  test("is shut when the queue is full, and to an owner who holds enough", () => {
    expect(admit({ waiting: 3, held: 0 }, limits)).toEqual({ kind: "queue_full", waiting: 3 });
    expect(admit({ waiting: 0, held: 2 }, limits)).toEqual({ kind: "owner_full", held: 2 });
  });

  test("keeps the queue within its bounds whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 }), (arrivals) => {
        const held: string[] = [];
        for (const owner of arrivals) {
          const load = { waiting: held.length, held: held.filter((one) => one === owner).length };
          if (admit(load, limits).kind === "admitted") held.push(owner);
        }
        expect(held.length).toBeLessThanOrEqual(limits.queueMax);
        for (const owner of held)
          expect(held.filter((one) => one === owner).length).toBeLessThanOrEqual(limits.jobsPerOwnerMax);
      }),
    );
  });
});

describe("the forecast", () => {
  test("tells every waiting job its place, and no two jobs of a model the same", () => {
    fc.assert(
      fc.property(anyJobs, anyWorkers, (waiting, workers) => {
        const told = forecast({ now: 0, waiting, workers, ...FRESH });
        for (const model of ["m", "other"]) {
          const jobs = waiting.filter((job) => job.model === model);
          const places = jobs.map((job) => told.get(job.id)!.position).sort((a, b) => a - b);
          expect(places).toEqual(jobs.map((_, index) => index + 1));
        }
      }),
    );
  });

  test("knows no time while no worker could do the job, and none is needed when one is free", () => {
    expect(forecast({ now: 0, waiting: [waitingJob()], workers: [], ...FRESH }).get("j")).toEqual({
      position: 1,
      etaMs: null,
    });
    expect(forecast({ now: 0, waiting: [waitingJob()], workers: [workerView()], ...FRESH }).get("j")).toEqual({
      position: 1,
      etaMs: 0,
    });
  });

  test("adds up what runs and what is ahead", () => {
    // 100 prompt tokens at 100/s and 100 tokens at 20/s: 6 s each.
    const model = modelView();
    const busy = workerView({ models: [model], running: [{ job: "x", model: "m", owner: "p", endsAt: 2_000 }] });
    const waiting = [waitingJob({ id: "first" }), waitingJob({ id: "second", since: 1 })];
    const told = forecast({ now: 0, waiting, workers: [busy], ...FRESH });
    expect(told.get("first")).toEqual({ position: 1, etaMs: 2_000 });
    expect(told.get("second")!.etaMs).toBeGreaterThan(7_000);
  });
});
