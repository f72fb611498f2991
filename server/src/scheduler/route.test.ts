import { expect, test } from "vitest";
import { decide } from "./decide.ts";
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
