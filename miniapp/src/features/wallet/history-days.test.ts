import { expect, test } from "vitest";
import { historyDays } from "./history-days.ts";

const now = new Date(2026, 10, 25, 18, 0);
const entry = (...at: [number, number, number]) => ({ at: new Date(...at, 9, 30).toISOString() });

test("the history is divided by days: named for a week, then by date, and with the year in another year", () => {
  const entries = [
    entry(2026, 10, 25),
    entry(2026, 10, 25),
    entry(2026, 10, 24),
    entry(2026, 10, 23),
    entry(2026, 10, 18),
    entry(2026, 10, 17),
    entry(2025, 10, 17),
  ];
  expect(historyDays(entries, now, "en").map(({ heading, entries: { length } }) => [heading, length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
    ["Monday", 1],
    ["November 18", 1],
    ["November 17", 1],
    ["November 17, 2025", 1],
  ]);
});

test("nothing has no days", () => {
  expect(historyDays([], now, "ru")).toEqual([]);
});
