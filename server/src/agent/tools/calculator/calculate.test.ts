import * as fc from "fast-check";
import { expect, test } from "vitest";
import { calculate } from "./calculate.ts";

const last = (text: string) => calculate(text).at(-1)?.value;

test.each([
  ["347 * 28", "9716"],
  ["15% of 84.50", "12.675"],
  ["80 + 15%", "92"],
  ["100 - 20%", "80"],
  ["20% off 49.90", "39.92"],
  ["(100 + 50) * 20%", "30"],
  ["100 * (1 + 5%)^3", "115.7625"],
  ["√9 × 1,200", "3600"],
  ["√(16 + 9)", "5"],
  ["2³ + 10²", "108"],
  ["1 000 000 ÷ 4", "250000"],
  ["1'000 + 1_000", "2000"],
  ["3,5 * 2", "7"],
  ["1,234,567.5 * 2", "2469135"],
  ["5 plus 7 times 2", "19"],
  ["square root of 1764", "42"],
  ["2 ** 20 =", "1048576"],
  ["48 умножить на 17", "816"],
  ["15% от 2400", "360"],
  ["5000 рублей - 30%", "3500"],
  ["3 x 4", "12"],
  ["12 − 5", "7"],
  ["0.1 + 0.2", "0.3"],
  ["2^64", "18446744073709551616"],
  ["25!", "15511210043330985984000000"],
  ["17 mod 5", "2"],
  ["max(1,200)", "200"],
  ["$40 * 3", "120"],
  ["tip = 15% of 80; 80 + tip", "92"],
  ["total price = 80 * 5\ntotal price / 2", "200"],
  ["скидка = 15% от 2400; 2400 - скидка", "2040"],
  ["10 / 4; ans * 2", "5"],
  ["rice = 300 g; people = 4; rice / people * 7", "525"],
  ["3 books * 12.50 + 2.30", "39.8"],
  ["1.5e3 + 1", "1501"],
])("%s is %s", (text, value) => {
  expect(last(text)).toBe(value);
});

test("every step of the result has its name", () => {
  expect(calculate("a = 2 + 3; a * 2")).toEqual([
    { name: "a", source: "2 + 3", value: "5" },
    { name: null, source: "a * 2", value: "10" },
  ]);
});

const ONLY = "only plain arithmetic is possible";
const NOT_REAL = "the result is not a real number";

test.each([
  ["import('fs')", ONLY],
  ["f(x) = x", ONLY],
  ["[1, 2, 3]", ONLY],
  ["{a: 1}", ONLY],
  ['"text"', NOT_REAL],
  ["cos", '"cos" has no value'],
  ['evaluate("1")', ONLY],
  ["parse('1')", ONLY],
  ["createUnit('x')", ONLY],
  ["x => x", "is not arithmetic"],
  ["a.b", ONLY],
  ["1:5", ONLY],
  ["1 > 2 ? 3 : 4", ONLY],
  ["5 cm + 2 inch", '"cm" has no value'],
  ["1 / 0", "division by zero"],
  ["sqrt(-4)", NOT_REAL],
  ["9^9^9^9", "too many digits"],
  ["1e9!", "factorial takes"],
  ["people * 3", '"people" has no value'],
  ["5 cm + 2 inches", '"cm" has no value'],
  ["", "there is no sum"],
  [";;", "there is no sum"],
  ["1".repeat(2_000), "longer than 500 characters"],
  [Array.from({ length: 40 }, () => "1 + 1").join(";"), "more than 12 steps"],
])("%s is refused with advice: %s", (text, advice) => {
  expect(() => calculate(text)).toThrow(advice);
});

test("whole numbers are added exactly as bigint adds them", () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.bigInt(0n, 10n ** 15n), (a, b) => {
      expect(last(`(${a}) + ${b}`)).toBe(String(a + b));
    }),
  );
});
