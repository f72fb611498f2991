import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GrowingPause, retry } from "./retry.ts";

const PACE = { firstMs: 1, maxMs: 4 };
const always = () => true;

/** Fails with each of the faults in turn, then answers "done". */
function failing(...faults: unknown[]) {
  const attempt = async () => {
    attempt.calls++;
    if (faults.length > 0) throw faults.shift();
    return "done";
  };
  attempt.calls = 0;
  return attempt;
}

describe("pauses", () => {
  test("double up to their bound, and start small again after a success", () => {
    const growing = new GrowingPause({ firstMs: 100, maxMs: 500 }, () => 1);
    expect(Array.from({ length: 5 }, () => growing.nextMs())).toEqual([100, 200, 400, 500, 500]);
    growing.reset();
    expect(growing.nextMs()).toBe(100);
  });

  test("differ between two callers that fail together, and cannot leave the upper half of the whole pause", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(9), (chance, before) => {
        const [growing, whole] = [() => chance, () => 1].map((random) => {
          const pauses = new GrowingPause({ firstMs: 200, maxMs: 15_000 }, random);
          for (let tries = 0; tries < before; tries++) pauses.nextMs();
          return pauses.nextMs();
        }) as [number, number];
        expect(growing).toBeGreaterThanOrEqual(whole / 2);
        expect(growing).toBeLessThanOrEqual(whole);
      }),
    );
    const pauses = Array.from({ length: 20 }, () => new GrowingPause({ firstMs: 1_000, maxMs: 1_000 }).nextMs());
    expect(new Set(pauses).size).toBeGreaterThan(1);
  });
});

describe("what may pass", () => {
  test("is tried again until it succeeds", async () => {
    const attempt = failing(new Error("one"), new Error("two"));
    const told: [unknown, number][] = [];
    const onPause = (fault: unknown, { tries }: { tries: number }) => void told.push([(fault as Error).message, tries]);
    expect(await retry(attempt, { ...PACE, mayPass: always, onPause })).toBe("done");
    expect(attempt.calls).toBe(3);
    expect(told).toEqual([
      ["one", 1],
      ["two", 2],
    ]);
  });

  test("cannot be tried more often than was allowed, nor for longer", async () => {
    const counted = failing(1, 2, 3, 4);
    await expect(retry(counted, { ...PACE, mayPass: always, triesMax: 3 })).rejects.toBe(3);
    const timed = failing(1, 2);
    await expect(retry(timed, { ...PACE, mayPass: always, forMs: 0 })).rejects.toBe(1);
    expect([counted.calls, timed.calls]).toEqual([3, 1]);
  });

  test("waits for as long as the other side asks", async () => {
    const waits: number[] = [];
    const onPause = (_fault: unknown, { waitMs }: { waitMs: number }) => void waits.push(waitMs);
    await retry(failing(1), { ...PACE, mayPass: always, leastMs: () => 30, onPause });
    expect(waits).toEqual([30]);
  });

  test("is tried one last time when the signal cuts the pause, and cannot be after that", async () => {
    const stop = new AbortController();
    const attempt = failing(1, 2, 3);
    const onPause = () => stop.abort();
    const retrying = { firstMs: 3_600_000, maxMs: 3_600_000, mayPass: always, onPause, signal: stop.signal };
    await expect(retry(attempt, retrying)).rejects.toBe(2);
    expect(attempt.calls).toBe(2);
  });
});

test("what cannot pass is thrown at once", async () => {
  const attempt = failing(1, new TypeError("ours"), 3);
  await expect(retry(attempt, { ...PACE, mayPass: (fault) => !(fault instanceof TypeError) })).rejects.toThrow("ours");
  expect(attempt.calls).toBe(2);
});
