import { expect, test } from "vitest";
import { number, numbersIn, satisfies } from "./check-answer.ts";
import { SCENARIOS } from "./scenarios.ts";

test.each([
  ["It costs $1,234.50.", 1234.5],
  ["1 234,5 рублей", 1234.5],
  ["about 2592000 seconds", 2_592_000],
  ["2,592,000", 2_592_000],
  ["−40 °F", -40],
  ["28.8 (rounded)", 28.8],
])("%s holds its number", (text, value) => {
  expect(numbersIn(text)).toContain(value);
});

test("a number near enough is right and another is not", () => {
  expect(satisfies("81.6 kg", number(81.65, 0.4))).toBe(true);
  expect(satisfies("180 lbs", number(81.65, 0.4))).toBe(false);
});

test("there are enough scenarios, each named once, and both halves hold about as many", () => {
  const english = SCENARIOS.filter(({ language }) => language === "en");
  expect(english.length).toBeGreaterThanOrEqual(60);
  expect(SCENARIOS.filter(({ language }) => language === "ru").length).toBeGreaterThanOrEqual(12);
  expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
  expect(Math.abs(english.filter(({ split }) => split === "dev").length * 2 - english.length)).toBeLessThanOrEqual(2);
});

test("no scenario passes with an empty answer, a refusal, or raw JSON", () => {
  for (const said of ["", '{"thought":"","action":{}}']) {
    const passed = SCENARIOS.filter(
      ({ right, wrong = [] }) => right.every((one) => satisfies(said, one)) && !wrong.some((one) => one.test(said)),
    );
    expect({ said, passed: passed.map(({ id }) => id) }).toEqual({ said, passed: [] });
  }
});
