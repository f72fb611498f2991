import { expect, test } from "vitest";
import { understand } from "./understand.ts";

const NOW = Date.UTC(2026, 10, 23, 14, 5);

test.each([
  ["now in Sydney", "conversion", "01:05"],
  ["time in Tokyo", "day", "23:05"],
  ["tomorrow", "clock", "Tuesday"],
  ["evening in Sydney", "conversion", "night"],
  ["sqrt(1764)}}}`obj['final_answer'] = ", "sum", "42"],
  ["5 miles to km", "sum", "8.04672 km"],
  ["3 * 14", "conversion", "42"],
  ["today + 10 days", "sum", "3 December 2026"],
  ["3 pm London to New York", "day", "10:00"],
  ["3 pm London to New York", "clock", "10:00"],
  ["UTC+3", "clock", "17:05"],
] as const)("%s is answered also where a %s was expected", (text, first, told) => {
  expect(understand(text, first, NOW)).toContain(told);
});

/** Not tested: the first reader is not called again after the others. Readers are pure, so the result is the same. */
test("a question that no reader understands is rejected with the first reader's advice", () => {
  expect(() => understand("bananas", "conversion", NOW)).toThrow("cannot be converted");
});
