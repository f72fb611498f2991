import { expect, test } from "vitest";
import { median, medianInterval } from "./median.ts";

const oneTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

test("the interval of a median is between the values that sign tests name", () => {
  // Tables of the sign test: of 15 values the 4th and the 12th, of 25 the 8th and the 18th, of 6 all.
  expect(medianInterval(oneTo(15))).toEqual([4, 12]);
  expect(medianInterval(oneTo(25))).toEqual([8, 18]);
  expect(medianInterval(oneTo(6))).toEqual([1, 6]);
  expect(median(oneTo(15))).toBe(8);
});

test("few values make no claim beyond themselves, and none make none", () => {
  expect(medianInterval([3, 1])).toEqual([1, 3]);
  expect(() => medianInterval([])).toThrow("at least one");
});
