import { describe, expect, test } from "vitest";
import { dayHeading, daysBetween, shortWhen } from "./when.ts";

const now = new Date(2026, 10, 25, 18, 0);
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

describe("a moment in a list", () => {
  test("is minutes, then hours, then a time, then a date", () => {
    expect(shortWhen(ago(2), now, "en")).toBe("2m");
    expect(shortWhen(ago(60), now, "en")).toBe("1h");
    expect(shortWhen(ago(60), now, "ru")).toBe("1 ч");
    expect(shortWhen(new Date(2026, 10, 23, 14, 5), now, "ru")).toBe("14:05");
    expect(shortWhen(new Date(2026, 8, 12), now, "en")).toBe("Sep 12");
    expect(shortWhen(new Date(2025, 8, 12), now, "en")).toBe("Sep 12, 2025");
  });

  test("of a clock that is ahead counts as now, not as a negative time", () => {
    expect(shortWhen(ago(-5), now, "en")).toBe("1m");
    expect(dayHeading(ago(-24 * 60), now, "en")).toBe("Today");
  });
});

test("six days ago is still named by weekday and time, seven days ago by date", () => {
  const sixth = new Date(2026, 10, 19, 14, 5);
  const seventh = new Date(2026, 10, 18, 14, 5);
  expect([dayHeading(sixth, now, "en"), dayHeading(seventh, now, "en")]).toEqual(["Thursday", "November"]);
  expect([shortWhen(sixth, now, "ru"), shortWhen(seventh, now, "en")]).toEqual(["14:05", "Nov 18"]);
});

describe("a day's heading", () => {
  test("is today, yesterday, a weekday, a month, a month of another year", () => {
    const headings = [0, 1, 2, 60, 400].map((days) => dayHeading(new Date(2026, 10, 25 - days), now, "en"));
    expect(headings).toEqual(["Today", "Yesterday", "Monday", "September", "October 2025"]);
  });

  test("starts with a capital letter in Russian", () => {
    const headings = [0, 1, 2, 60].map((days) => dayHeading(new Date(2026, 10, 25 - days), now, "ru"));
    expect(headings).toEqual(["Сегодня", "Вчера", "Понедельник", "Сентябрь"]);
  });
});

test("a minute before and a minute after midnight are a day apart, also across a clock change", () => {
  for (let day = 1; day <= 366; day += 1)
    expect(daysBetween(new Date(2026, 0, day, 23, 59), new Date(2026, 0, day + 1, 0, 1))).toBe(1);
});
