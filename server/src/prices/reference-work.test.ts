import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyTokens } from "../testing/prices.ts";
import { referenceWork, workOf } from "./reference-work.ts";

const READ = { prompt: 1_000, cached: 400 };

test("reading a token is 0.15 of writing one, and keeping one 0.02", () => {
  expect(referenceWork({ prompt: 0, cached: 0, answer: 1 })).toBe(100n);
  expect(referenceWork({ ...READ, answer: 100 })).toBe(9_000n + 800n + 10_000n);
  expect(() => referenceWork({ prompt: 1, cached: 2, answer: 1 })).toThrow(RangeError);
});

const partOf = (work: readonly bigint[], at: number) =>
  Number((work[at]! * 1_000_000n) / work.reduce((sum, one) => sum + one, 0n)) / 1_000_000;

test("a job's work is divided by the tokens each delivered, whatever its prompt was", () => {
  fc.assert(
    fc.property(anyTokens, fc.array(fc.nat(10_000), { minLength: 1, maxLength: 8 }), (read, counts) => {
      const delivered = counts.reduce((sum, tokens) => sum + tokens, 0);
      fc.pre(delivered > 0);
      const work = workOf(
        read,
        counts.map((tokens) => ({ tokens })),
      );
      const whole = referenceWork({ ...read, answer: delivered });
      expect(work).toEqual(counts.map((tokens) => BigInt(tokens) * whole));
      expect(work.reduce((sum, one) => sum + one, 0n)).toBe(whole * BigInt(delivered));
    }),
  );
});

test("a worker that drops at 99 % has 99 % and never more, and the one that ends the job has the rest", () => {
  const dropped = workOf(READ, [{ tokens: 99 }, { tokens: 1 }]);
  expect(partOf(dropped, 0)).toBe(0.99);
  // Under two keys it is paid what it is paid under one.
  const split = workOf(READ, [{ tokens: 50 }, { tokens: 49 }, { tokens: 1 }]);
  expect(partOf(split, 0) + partOf(split, 1)).toBeCloseTo(0.99, 6);
});

test("a worker that drops before its first token has nothing, and one that ends the job at it has all", () => {
  expect(workOf(READ, [{ tokens: 0 }, { tokens: 5 }])[0]).toBe(0n);
  expect(workOf(READ, [{ tokens: 0 }, { tokens: 0 }])).toEqual([0n, 1n]);
  expect(workOf(READ, [])).toEqual([]);
});
