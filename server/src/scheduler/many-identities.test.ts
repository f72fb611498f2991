/** Whoever gives one machine many names gets no more jobs: played through the scheduler's own draws. */
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { drawsFrom } from "./draws.ts";
import { waitingJob, workerView } from "../testing/worker-views.ts";
import type { WorkerView } from "./snapshot.ts";

const JOBS = 3_000;
/** Of a share near a half, so many jobs stray by 0.009; the seeds are fixed, so the outcome is. */
const STRAY = 0.03;

/** Other people's machines, as good as the one that has many names. */
const others = Array.from({ length: 10 }, (_, at) => workerView({ id: `other ${at}`, people: [`person ${at}`] }));

/** A machine as so many, which weigh together what it weighs alone. */
function mine(names: number, weight: number): WorkerView[] {
  return Array.from({ length: names }, (_, at) =>
    workerView({ id: `mine ${at}`, people: ["mine"], weight: weight / names, freeWeight: weight / names }),
  );
}

/** The share of jobs that come one at a time to an idle pool. */
function shareOf(own: readonly WorkerView[], isPaid: boolean): number {
  const draw = drawsFrom(20_261_130);
  let got = 0;
  for (let job = 0; job < JOBS; job++) {
    // Of equals the one that is idle longest wins: now this one, now that.
    const workers = [...own, ...others].map((worker) => ({ ...worker, idleSince: draw() }));
    const snapshot = { now: 1, waiting: [waitingJob({ isPaid })], workers, servedAt: new Map() };
    if (decide(snapshot, Math.floor(draw() * 2 ** 31))[0]?.worker.startsWith("mine")) got++;
  }
  return got / JOBS;
}

test.each([
  [1, true],
  [10, true],
  [10, false],
])("with a weight of %d, paid %s: neither ten names nor a hundred get more than one", (weight, isPaid) => {
  const one = shareOf(mine(1, weight), isPaid);
  expect(one).toBeGreaterThan(0);
  for (const names of [10, 100]) expect(shareOf(mine(names, weight), isPaid)).toBeLessThanOrEqual(one + STRAY);
});

test("a person's several machines are all asked where there are only theirs, and the better one is taken", () => {
  const [slow, fast] = [
    workerView({ id: "slow", people: ["ann"], failed: 20 }),
    workerView({ id: "fast", people: ["ann"] }),
  ];
  for (let seed = 0; seed < 20; seed++) {
    const snapshot = { now: 0, waiting: [waitingJob({ isPaid: true })], workers: [slow, fast], servedAt: new Map() };
    expect(decide(snapshot, seed)[0]?.worker).toBe("fast");
  }
});
