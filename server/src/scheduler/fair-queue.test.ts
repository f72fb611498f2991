import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit, fairOrder } from "./fair-queue.ts";
import { forecast } from "./forecast.ts";
import type { WaitingJob } from "./snapshot.ts";
import { anyJobs, anyWorkers, modelView, waitingJob, workerView } from "../testing/worker-views.ts";

const FRESH = { servedAt: new Map<string, number>() };
const NONE = { running: new Map<string, number>(), ...FRESH };
const rank = ({ moved, isFree }: WaitingJob) => (moved ? 0 : isFree ? 2 : 1);
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
      fc.property(anyJobs, fc.boolean(), (all, isFree) => {
        const jobs = all.map((job) => ({ ...job, moved: false, isFree }));
        const owners = fairOrder(jobs, NONE).map((job) => job.owner);
        const distinct = new Set(owners).size;
        expect(new Set(owners.slice(0, distinct)).size).toBe(distinct);
      }),
    );
  });

  test("puts no free job before a paid one, except half an answer, which goes before all others", () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        const ranks = fairOrder(jobs, NONE).map(rank);
        expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
      }),
    );
  });

  test("orders paid jobs as if there were no free ones", () => {
    fc.assert(
      fc.property(anyJobs, (all) => {
        const jobs = all.filter(({ moved, isFree }) => !moved || !isFree);
        const paid = jobs.filter(({ isFree }) => !isFree);
        expect(ids(fairOrder(jobs, NONE)).slice(0, paid.length)).toEqual(ids(fairOrder(paid, NONE)));
      }),
    );
  });

  test("counts what an owner pays for against the turns of their free jobs", () => {
    const jobs = [
      waitingJob({ id: "paid", owner: "both" }),
      waitingJob({ id: "early", owner: "both", isFree: true }),
      waitingJob({ id: "late", owner: "one", isFree: true, since: 9 }),
    ];
    expect(ids(fairOrder(jobs, NONE))).toEqual(["paid", "late", "early"]);
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
    expect(admit({ waiting: 2, held: 1, isFree: false }, limits)).toEqual({ kind: "admitted" });
  });

  test("is shut when the queue is full, and to an owner who holds enough", () => {
    expect(admit({ waiting: 3, held: 0, isFree: false }, limits)).toEqual({ kind: "queue_full", waiting: 3 });
    expect(admit({ waiting: 0, held: 2, isFree: false }, limits)).toEqual({ kind: "owner_full", held: 2 });
  });

  test("keeps the last quarter of the queue for jobs that somebody pays for", () => {
    const at = (waiting: number, isFree: boolean) =>
      admit({ waiting, held: 0, isFree }, { ...limits, queueMax: 200 }).kind;
    expect([at(149, true), at(150, true)]).toEqual(["admitted", "queue_full"]);
    expect([at(150, false), at(199, false), at(200, false)]).toEqual(["admitted", "admitted", "queue_full"]);
    expect(admit({ waiting: 0, held: 0, isFree: true }, { ...limits, queueMax: 1 }).kind).toBe("admitted");
  });

  test("keeps the queue within its bounds whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { maxLength: 30 }), (arrivals) => {
        const held: string[] = [];
        for (const [owner, isFree] of arrivals) {
          const load = { waiting: held.length, held: held.filter((one) => one === owner).length, isFree };
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

  test("counts paid jobs that came later before a free one", () => {
    const waiting = [waitingJob({ id: "free", isFree: true }), waitingJob({ id: "paid", owner: "p", since: 9 })];
    const told = forecast({ now: 9, waiting, workers: [workerView()], ...FRESH });
    expect([told.get("paid")!.position, told.get("free")!.position]).toEqual([1, 2]);
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
