import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gbnfAccepts, sampleGbnf, seededRandom } from "./gbnf-sampler.ts";
import { integerRange, numberRange } from "./gbnf-numbers.ts";

const grammar = (body: string) => `root ::= ${body}\n`;

test("every small range accepts exactly its integers", () => {
  for (let min = -13; min <= 13; min++) {
    for (let max = min; max <= 13; max++) {
      const gbnf = grammar(integerRange(min, max));
      const allowed = Array.from({ length: 41 }, (_, index) => index - 20).filter((n) => gbnfAccepts(gbnf, String(n)));
      expect(allowed).toEqual(Array.from({ length: max - min + 1 }, (_, index) => min + index));
    }
  }
});

test("a range near a change of length (99 to 100) accepts exactly its integers", () => {
  for (const [min, max] of [
    [95, 1_105],
    [-1_010, -98],
    [999, 1_000],
    [0, 999],
    [100, 999],
    [123, 987],
    [-1, 1_000],
  ] as const) {
    const gbnf = grammar(integerRange(min, max));
    for (let n = -1_200; n <= 1_200; n++) expect(gbnfAccepts(gbnf, String(n))).toBe(n >= min && n <= max);
  }
});

test("any range accepts its bounds, but not the numbers just outside nor another spelling", () => {
  const Safe = fc.maxSafeInteger();
  fc.assert(
    fc.property(Safe, Safe, fc.nat(), (a, b, seed) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const gbnf = grammar(integerRange(min, max));
      expect(gbnfAccepts(gbnf, String(min)) && gbnfAccepts(gbnf, String(max))).toBe(true);
      expect(gbnfAccepts(gbnf, String(BigInt(min) - 1n)) || gbnfAccepts(gbnf, String(BigInt(max) + 1n))).toBe(false);
      const n = Number(sampleGbnf(gbnf, { random: seededRandom(seed) }));
      expect(n >= min && n <= max).toBe(true);
    }),
  );
});

test("an integer bounded on one side only reaches at least fifteen digits on the other", () => {
  expect(gbnfAccepts(grammar(integerRange(5, null)), "999999999999999")).toBe(true);
  expect(gbnfAccepts(grammar(integerRange(5, null)), "4")).toBe(false);
  expect(gbnfAccepts(grammar(integerRange(null, -5)), "-999999999999999")).toBe(true);
  expect(gbnfAccepts(grammar(integerRange(null, -5)), "-4")).toBe(false);
});

test("numbers between whole bounds stay between them, also where many digits could round across", () => {
  const Whole = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });
  fc.assert(
    fc.property(Whole, fc.nat(40), fc.boolean(), fc.boolean(), fc.nat(), (low, span, openBelow, openAbove, seed) => {
      const [min, max] = [low, Math.min(low + span + 1, 999_999_999_999)];
      fc.pre(min < max);
      const gbnf = grammar(numberRange({ value: min, exclusive: openBelow }, { value: max, exclusive: openAbove }));
      const n = Number(sampleGbnf(gbnf, { random: seededRandom(seed) }));
      expect(openBelow ? n > min : n >= min).toBe(true);
      expect(openAbove ? n < max : n <= max).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [0, false, 1, true, ["0", "0.5", "0.999"], ["1", "1.0", "-0.1", "2"]],
  [-1, true, 0, true, ["-0.5", "-0.001"], ["-1", "0", "-0", "0.1", "-1.0"]],
  [-2, false, 2, false, ["-2", "-2.0", "-1.99", "0", "-0.5", "1.25", "2", "2.00"], ["2.01", "-2.1", "3"]],
  [0, true, 10, false, ["0.1", "9.99", "10"], ["0", "0.0", "10.1"]],
] as const)(
  "numbers from %d (exclusive %s) to %d (exclusive %s)",
  (min, openBelow, max, openAbove, inside, outside) => {
    const gbnf = grammar(numberRange({ value: min, exclusive: openBelow }, { value: max, exclusive: openAbove }));
    expect([...inside, ...outside].filter((text) => gbnfAccepts(gbnf, text))).toEqual(inside);
  },
);
