import * as fc from "fast-check";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { catalogued } from "./open-engines.ts";
import { isSecondBetter, isWorth, leastEachOf, readTrial, SLOTS_MIN, slotsOf, STREAMS, writeTrial } from "./trials.ts";
import type { Rate } from "./trials.ts";

/** Rates of one, two, four and eight streams, each the same in every round. */
const steady = (...rates: number[]): Rate[] =>
  rates.map((rate, at) => ({ streams: 2 ** at, tokensPerS: [rate, rate, rate] }));

describe("slots are as many as still raise what is written in all", () => {
  test.each([
    ["batching that helps to the end", [20, 33, 41, 46], 8],
    ["batching that stops to help at four", [20, 33, 41, 42], 4],
    ["batching that does not help: two, for short questions beside long answers", [25, 25], SLOTS_MIN],
    ["an engine with room for one answer only", [20], SLOTS_MIN],
  ])("%s", (_what, rates, slots) => {
    expect(slotsOf(steady(...rates), 0)).toBe(slots);
  });

  test.each([
    ["eight that leave five tokens a second to each are too many for a small model", [20, 29, 36, 40], 4],
    ["eight that leave them seven are not", [20, 33, 45, 56], 8],
    ["where two leave them too little, or one alone has too little, the least", [8, 9, 11, 13], SLOTS_MIN],
    ["where one alone has too little: the least, too", [3, 5, 9, 17], SLOTS_MIN],
  ])("as long as each is faster than it must be: %s", (_what, rates, slots) => {
    expect(slotsOf(steady(...rates), leastEachOf(catalogued("qwen2.5-coder-1.5b")))).toBe(slots);
  });

  test("a larger model, which is for cards, must be faster than a small one", () => {
    const [small, large] = ["qwen2.5-coder-1.5b", "qwen2.5-14b-instruct"].map((id) => leastEachOf(catalogued(id)));
    expect([small, large]).toEqual([6, 7.5]);
  });

  test("one lucky round of three does not make more of them", () => {
    expect(slotsOf([...steady(20, 30), { streams: 4, tokensPerS: [30, 60, 29] }], 0)).toBe(2);
  });

  test("a rate that is not worth its streams ends a trial", () => {
    expect(isWorth(steady(20))).toBe(true);
    expect(isWorth(steady(20, 21))).toBe(true);
    expect(isWorth(steady(20, 20.9))).toBe(false);
  });
});

describe("the second engine is the better one", () => {
  const builtIn = steady(24, 26, 26);

  test("where it writes more in all and is as quick for somebody alone", () => {
    expect(isSecondBetter(builtIn, steady(24, 33, 39), 0)).toBe(true);
  });

  test("not where it writes less in all", () => {
    expect(isSecondBetter(builtIn, steady(26, 25.9), 0)).toBe(false);
  });

  test("not where it writes more in all only with more answers than are fast enough", () => {
    expect(isSecondBetter(steady(24, 28), steady(24, 27, 40), 0)).toBe(true);
    expect(isSecondBetter(steady(24, 28), steady(24, 27, 40), 11)).toBe(false);
  });

  test("not where it is surely slower for somebody alone", () => {
    expect(isSecondBetter(builtIn, steady(23, 33, 39), 0)).toBe(false);
  });

  test("where it may be slower alone, but one of its rounds was not", () => {
    const unsure = [{ streams: 1, tokensPerS: [22, 22.5, 24] }, ...steady(0, 33, 39).slice(1)];
    expect(isSecondBetter(builtIn, unsure, 0)).toBe(true);
  });
});

const trials = fc.integer({ min: 1, max: STREAMS.length }).chain((count) =>
  fc.tuple(
    ...STREAMS.slice(0, count).map((streams) =>
      fc.record({
        streams: fc.constant(streams),
        tokensPerS: fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 5 }),
      }),
    ),
  ),
);

test("slots are a number that was measured, or the least; more are fast enough each; and two engines are never both better", () => {
  fc.assert(
    fc.property(trials, trials, fc.double({ min: 0, max: 100, noNaN: true }), (one, other, leastEach) => {
      const slots = slotsOf(one, leastEach);
      expect([...one.map(({ streams }) => streams), SLOTS_MIN]).toContain(slots);
      const each = Math.max(0, ...(one.find(({ streams }) => streams === slots)?.tokensPerS ?? [])) / slots;
      expect(slots === SLOTS_MIN || each >= leastEach * 0.999_999).toBe(true);
      expect(isSecondBetter(one, other, leastEach) && isSecondBetter(other, one, leastEach)).toBe(false);
      expect(isSecondBetter(one, one, leastEach)).toBe(false);
    }),
  );
});

describe("what is kept", () => {
  const key = { sha256: "ab12", engine: "llama.cpp", device: "a CPU", threads: [1, 2] };
  const trial = { died: [], rates: steady(20, 30), busy: false };
  let home: string;
  beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), "starai-trials-"))));
  afterEach(async () => await rm(home, { recursive: true }));

  test("a trial, for this model with this engine on this device only", async () => {
    await writeTrial(home, key, trial);
    expect(await readTrial(home, key)).toEqual(trial);
    expect(await readTrial(home, { ...key, engine: "another build" })).toBeNull();
  });

  test("that an engine died is believed for a week, as something else may have ended it", async () => {
    const died = { died: ["q8_0"], rates: null, busy: true };
    const keptOf = async (daysAgo: number) => {
      const triedAt = new Date(Date.now() - daysAgo * 24 * 3_600_000).toISOString();
      await writeFile(join(home, "trials.json"), JSON.stringify({ "ab12 llama.cpp a CPU 1+2": { ...died, triedAt } }));
      return await readTrial(home, key);
    };
    expect(await keptOf(6)).toEqual(died);
    expect(await keptOf(8)).toBeNull();
  });

  test("nothing of a file that is damaged or says nonsense, which is written anew", async () => {
    const nonsense = { ...trial, rates: [{ streams: 1, tokensPerS: [-5] }], triedAt: new Date().toISOString() };
    for (const text of ["{ not json", JSON.stringify({ "ab12 llama.cpp a CPU 1+2": nonsense })]) {
      await writeFile(join(home, "trials.json"), text);
      expect(await readTrial(home, key)).toBeNull();
    }
    await writeTrial(home, key, trial);
    expect(await readTrial(home, key)).toEqual(trial);
  });
});
