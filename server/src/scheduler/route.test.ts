import { describe, expect, test } from "vitest";
import { askFor } from "./ask.ts";
import { decide } from "./decide.ts";
import type { WaitingJob } from "./snapshot.ts";
import { modelView, waitingJob, workerView } from "../testing/worker-views.ts";

function chosen(workers: ReturnType<typeof workerView>[], job = waitingJob(), seed = 1): string | undefined {
  return decide({ now: 0, waiting: [job], workers, servedAt: new Map() }, seed)[0]?.worker;
}

test("of two the one that finishes sooner is chosen", () => {
  const fast = workerView({ id: "fast", models: [modelView({ decodeTokensPerS: 40 })] });
  expect(chosen([workerView({ id: "slow" }), fast])).toBe("fast");
});

test("a worker that remembers the prompt is found among any number of others", () => {
  const cold = Array.from({ length: 50 }, (_, index) => workerView({ id: `cold${index}` }));
  const warm = workerView({ id: "warm", warm: new Map([["run", 100]]) });
  for (let seed = 0; seed < 20; seed++) expect(chosen([...cold, warm], waitingJob(), seed)).toBe("warm");
});

test("remembering the prompt does not help a worker that is slower all the same", () => {
  const slow = modelView({ decodeTokensPerS: 1 });
  const warm = workerView({ id: "warm", models: [slow], warm: new Map([["run", 100]]) });
  expect(chosen([workerView({ id: "cold" }), warm])).toBe("cold");
});

test("an unreliable machine counts as a slower one", () => {
  const shaky = workerView({ id: "shaky", completed: 10, failed: 30 });
  expect(chosen([shaky, workerView({ id: "new" })])).toBe("new");
});

test("of equals the longest idle is chosen", () => {
  expect(chosen([workerView({ id: "a", idleSince: 9 }), workerView({ id: "b", idleSince: 3 })])).toBe("b");
});

test("nobody is chosen where nobody is offered", () => {
  expect(chosen([])).toBeUndefined();
});

test("every worker of equals gets its turn", () => {
  const workers = ["a", "b", "c", "d"].map((id) => workerView({ id }));
  const seen = new Set(Array.from({ length: 100 }, (_, seed) => chosen(workers, waitingJob(), seed)));
  expect(seen).toEqual(new Set(["a", "b", "c"])); // d loses every tie by its name, as idle times are equal
});

function quoted(workers: ReturnType<typeof workerView>[], job: WaitingJob): number | null {
  return askFor(job, { workers, now: 0 });
}

describe("a paid job", () => {
  const paid = waitingJob({ isPaid: true, askPercentMax: 200 });
  const given = (workers: ReturnType<typeof workerView>[], job = paid) => {
    const counts = new Map<string, number>(workers.map(({ id }) => [id, 0]));
    for (let seed = 0; seed < 400; seed++) {
      const id = chosen(workers, job, seed);
      if (id !== undefined) counts.set(id, counts.get(id)! + 1);
    }
    return counts;
  };

  test("goes to the cheaper of two equal machines, and to a dearer one that is faster or surer by more", () => {
    const usual = workerView({ id: "usual" });
    expect(chosen([usual, workerView({ id: "cheap", askPercent: 90 })], paid)).toBe("cheap");
    const fast = workerView({ id: "fast", askPercent: 150, models: [modelView({ decodeTokensPerS: 80 })] });
    expect(chosen([usual, fast], paid)).toBe("fast");
    const shaky = workerView({ id: "shaky", askPercent: 90, completed: 10, failed: 20 });
    expect(chosen([usual, shaky], paid)).toBe("usual");
    expect(chosen([usual, workerView({ id: "cheap", askPercent: 90, idleSince: 1 })], waitingJob())).toBe("usual");
  });

  test("is offered to machines as often as their stake weighs, and a cheaper equal one earns more", () => {
    const [one, four] = [workerView({ id: "one" }), workerView({ id: "four", weight: 4 })];
    const others = ["a", "b", "c"].map((id) => workerView({ id, askPercent: 150 }));
    const counts = given([one, four, ...others]);
    expect(counts.get("four")! / counts.get("one")!).toBeGreaterThan(1.5);
    const [cheap, usual] = [workerView({ id: "cheap", askPercent: 80 }), workerView({ id: "usual" })];
    const pool = [cheap, usual, ...others];
    const askPercentMax = quoted(pool, paid)!;
    const earned = given(pool, { ...paid, askPercentMax });
    expect(earned.get("cheap")! * 80).toBeGreaterThan(earned.get("usual")! * 100);
  });

  test("is given to nobody without a stake, whatever else they offer", () => {
    const best = workerView({ id: "best", weight: 0, askPercent: 10, warm: new Map([["run", 100]]) });
    expect(chosen([best, workerView({ id: "staked" })], paid)).toBe("staked");
    expect(chosen([best], paid)).toBeUndefined();
    expect(chosen([best], { ...paid, isPaid: false })).toBe("best");
  });

  test("is quoted at what the machine asks that it would go to, never at that of one without a stake", () => {
    const slow = workerView({ id: "slow", askPercent: 80, models: [modelView({ decodeTokensPerS: 2 })] });
    expect(quoted([slow, workerView()], paid)).toBe(100);
    expect(quoted([slow, workerView()], waitingJob())).toBe(80);
    expect(quoted([workerView({ weight: 0, askPercent: 10 }), workerView()], paid)).toBe(100);
    expect(quoted([workerView({ weight: 0 })], paid)).toBeNull();
  });
});

test("unpaid work never goes to a machine of its asker, not even where that leaves nobody", () => {
  const own = workerView({ id: "own", people: ["ann"], warm: new Map([["run", 100]]) });
  const job = waitingJob({ person: "ann" });
  for (let seed = 0; seed < 20; seed++) expect(chosen([own, workerView({ id: "other" })], job, seed)).toBe("other");
  expect(chosen([own], job)).toBeUndefined();
  expect(chosen([own], { ...job, failedOn: new Set(["own"]) })).toBeUndefined();
  expect(chosen([own], { ...job, isPaid: true })).toBe("own");
  expect(chosen([own], waitingJob({ person: null }))).toBe("own");
});
