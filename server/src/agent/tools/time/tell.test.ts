import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, addMonths, dayNumber, readDate } from "./read-date.ts";
import { tellDate } from "./tell-date.ts";
import { tellTime } from "./tell-time.ts";
import { instantOf, wallTimeAt } from "./zoned-time.ts";

const NOW = Date.UTC(2026, 10, 23, 14, 5);
const TODAY = { year: 2026, month: 11, day: 23 };

test.each([
  ["Tokyo", "23:05 (11:05 PM), night, Monday, 23 November 2026, UTC+09:00"],
  ["new york", "09:05 (9:05 AM), morning, Monday, 23 November 2026, UTC-05:00"],
  ["Sydney, Australia", "01:05 (1:05 AM), night, Tuesday, 24 November 2026, UTC+11:00"],
  ["India", "19:35 (7:35 PM)"],
  ["Kathmandu", "UTC+05:45"],
  ["São Paulo", "11:05"],
  ["sao paulo", "11:05"],
  ["America/Los_Angeles", "06:05"],
  ["PST", "06:05"],
  ["UTC+3", "17:05"],
  ["GMT-3:30", "10:35"],
  ["в Москве", "17:05"],
  ["Лондоне", "14:05"],
  ["Нью-Йорк", "09:05"],
  ["here", "14:05 (2:05 PM), afternoon, Monday, 23 November 2026"],
])("the clock of %s shows %s", (place, shown) => {
  expect(tellTime(place, NOW)).toContain(shown);
});

test.each(["Mars", "UTC+25", "<script>", "asdf qwer"])("there is no clock at %s", (place) => {
  expect(() => tellTime(place, NOW)).toThrow(/nearest big city/u);
});

test.each([
  ["today", "Monday, 23 November 2026 (today)"],
  ["tomorrow", "Tuesday, 24 November 2026"],
  ["July 20, 1969", "Sunday, 20 July 1969"],
  ["20.07.1969", "Sunday, 20 July 1969"],
  ["1 January 2027", "Friday, 1 January 2027"],
  ["1 января 2027 года", "Friday, 1 January 2027"],
  ["next Friday", "Friday, 27 November 2026"],
  ["today to Christmas", "32 days"],
  ["days until Christmas", "32 days"],
  ["between March 3 and April 10, 2027", "38 days"],
  ["from 1990-05-14 to today", "36 full years 6 months"],
  ["2024-02-28 - 2024-03-01", "2 days"],
  ["today + 100 days", "Wednesday, 3 March 2027"],
  ["in 2 weeks", "Monday, 7 December 2026"],
  ["45 days ago", "Friday, 9 October 2026"],
  ["через 100 дней", "Wednesday, 3 March 2027"],
  ["31 January 2027 + 1 month", "Sunday, 28 February 2027"],
])("%s is %s", (query, told) => {
  expect(tellDate(query, TODAY)).toContain(told);
});

test.each(["foo", "31.02.2026", "London to New York", "today + x days", "", "9".repeat(70)])(
  "%s is no date",
  (query) => {
    expect(() => tellDate(query, TODAY)).toThrow(/is not a date here/u);
  },
);

test("a day written in any common way is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000 * 366, max: 3_000 * 365 }), (days) => {
      const day = addDays({ year: 1, month: 1, day: 1 }, days);
      const [dd, mm] = [String(day.day).padStart(2, "0"), String(day.month).padStart(2, "0")];
      const month = new Date(Date.UTC(2000, day.month - 1, 1)).toLocaleDateString("en-GB", {
        month: "long",
        timeZone: "UTC",
      });
      for (const text of [
        `${day.year}-${mm}-${dd}`,
        `${dd}.${mm}.${day.year}`,
        `${day.day} ${month} ${day.year}`,
        `${month} ${day.day}, ${day.year}`,
      ])
        expect({ text, day: readDate(text, TODAY) }).toEqual({ text, day });
    }),
  );
});

test("a month later is never in the month after", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: -40, max: 40 }), (days, months) => {
      const day = addDays({ year: 2000, month: 1, day: 1 }, days);
      const moved = addMonths(day, months);
      expect(moved.year * 12 + moved.month - (day.year * 12 + day.month)).toBe(months);
      expect(addDays({ ...moved }, 0)).toEqual(moved);
      expect(dayNumber(moved)).toBeTypeOf("number");
    }),
  );
});

test("an instant's wall time leads back to it, but for the hour that summer time repeats", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000_000 }),
      fc.constantFrom("Europe/London", "America/New_York", "Asia/Kolkata", "+05:30", "UTC"),
      (hours, zone) => {
        const instant = hours * 3_600_000 + 30 * 60_000;
        expect([0, 3_600_000]).toContain(Math.abs(instantOf(wallTimeAt(instant, zone), zone) - instant));
      },
    ),
  );
});
