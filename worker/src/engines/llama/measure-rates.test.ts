import { expect, test } from "vitest";
import { rateOf } from "./measure-rates.ts";

/** An answer's tokens: from when on, and so many every 100 ms. */
const answer = (fromMs: number, count: number) => Array.from({ length: count }, (_, at) => fromMs + at * 100);

test("one answer counts from its first token on, not from its question", () => {
  expect(rateOf([answer(5_000, 11)])).toBeCloseTo(10);
});

test("of several, the time counts in which all are written", () => {
  expect(rateOf([answer(0, 21), answer(1_000, 21)])).toBeCloseTo(20);
});

test("answers that were written one after another count in their whole time", () => {
  expect(rateOf([answer(0, 11), answer(2_000, 11)])).toBeCloseTo(7);
});

test("an answer of one token cannot be measured", () => {
  expect(() => rateOf([answer(0, 1)])).toThrow(/too little/);
  expect(() => rateOf([[]])).toThrow(/too little/);
});
