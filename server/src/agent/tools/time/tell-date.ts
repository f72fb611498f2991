/** Answers about days: a day's weekday, the days between two, and a day some time from another. */
import { addDays, addMonths, dayNumber, readDate } from "./read-date.ts";
import type { Day } from "./read-date.ts";
import { dayText } from "./zoned-time.ts";
import { ToolAdvice } from "../tool-advice.ts";

const UNITS: readonly (readonly [RegExp, "days" | "weeks" | "months" | "years"])[] = [
  [/^(?:d|day|days|день|дня|дней)$/iu, "days"],
  [/^(?:w|week|weeks|недел\p{L}*)$/iu, "weeks"],
  [/^(?:month|months|mo|месяц\p{L}*)$/iu, "months"],
  [/^(?:y|year|years|год|года|лет)$/iu, "years"],
];
const AMOUNT = String.raw`(?<n>\d{1,5})\s*(?<unit>\p{L}+)`;
/** Ten thousand years: beyond it calendars mean nothing to a person. */
const SPAN_DAYS_MAX = 3_652_500;

/** `query` is a day, `A to B`, or a day with an offset: `today + 90 days`, `2 weeks before 1 May`. Throws ToolAdvice. */
export function tellDate(query: string, today: Day): string {
  const text = query
    .trim()
    .replace(/[?!]+$/u, "")
    .replace(/[−–—]/gu, "-")
    .replace(/^(?:how many )?days? (?:until|till|to|до) /iu, "today to ")
    .replace(/^(?:until|till|до) /iu, "today to ");
  return offset(text, today) ?? single(text, today) ?? span(text, today) ?? refuse(query);
}

function refuse(query: string): never {
  throw new ToolAdvice(
    `"${query}" is not a date here. Write it as day, month and year, or as a day and a number of days`,
  );
}

function single(text: string, today: Day): string | null {
  const day = readDate(text, today);
  if (day === null) return null;
  const ahead = dayNumber(day) - dayNumber(today);
  return `${dayText(day)} (${relation(ahead)})`;
}

function relation(ahead: number): string {
  if (ahead === 0) return "today";
  return ahead > 0 ? `in ${days(ahead)} from today` : `${days(-ahead)} ago`;
}

function offset(text: string, today: Day): string | null {
  const forms = [
    new RegExp(`^(?<base>.+?)\\s*(?<sign>[+-])\\s*${AMOUNT}$`, "iu"),
    new RegExp(`^${AMOUNT}\\s+(?<sign>after|from|before|после|до)\\s+(?<base>.+)$`, "iu"),
    new RegExp(`^${AMOUNT}\\s+(?<sign>ago|earlier|later|назад)$`, "iu"),
    new RegExp(`^(?:today )?(?<sign>in|to|через)\\s+${AMOUNT}$`, "iu"),
  ];
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    const unit = UNITS.find(([names]) => names.test(groups?.unit ?? ""))?.[1];
    const base = groups === undefined ? null : readDate(groups.base ?? "today", today);
    if (groups === undefined || unit === undefined || base === null) continue;
    const amount = Number(groups.n) * (/^(?:-|before|ago|earlier|до|назад)$/iu.test(groups.sign ?? "") ? -1 : 1);
    const day = move(base, amount, unit);
    return `${text}: ${dayText(day)} (${relation(dayNumber(day) - dayNumber(today))})`;
  }
  return null;
}

function move(day: Day, amount: number, unit: "days" | "weeks" | "months" | "years"): Day {
  switch (unit) {
    case "days":
      return addDays(day, amount);
    case "weeks":
      return addDays(day, amount * 7);
    case "months":
      return addMonths(day, amount);
    case "years":
      return addMonths(day, amount * 12);
  }
}

function span(text: string, today: Day): string | null {
  const plain = text.replace(/^(?:between|from|с|от|между)\s+/iu, "");
  for (const separator of [/\s+(?:to|until|till|through|and|по|до|и)\s+/iu, /\s+-\s+|\.\.+|\s*→\s*/u]) {
    const parts = plain.split(separator);
    const [from, to] = [readDate(parts[0] ?? "", today), readDate(parts[1] ?? "", today)];
    if (parts.length !== 2 || from === null || to === null) continue;
    return describeSpan(from, to, /week|недел/iu.test(text));
  }
  return null;
}

/** Adds weeks only when asked for: a weak model repeats the number it sees last. */
function describeSpan(from: Day, to: Day, inWeeks: boolean): string {
  const count = Math.abs(dayNumber(to) - dayNumber(from));
  if (count > SPAN_DAYS_MAX) throw new ToolAdvice("those dates are too far apart");
  const rest = count % 7 === 0 ? "" : ` ${days(count % 7)}`;
  const weeks = inWeeks ? ` = ${plural(Math.floor(count / 7), "week")}${rest}` : "";
  return `from ${dayText(from)} to ${dayText(to)}: ${days(count)}${weeks}${fullYears(from, to)}`;
}

function fullYears(from: Day, to: Day): string {
  const [a, b] = dayNumber(from) <= dayNumber(to) ? [from, to] : [to, from];
  const months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
  if (months < 12) return "";
  return ` = ${plural(Math.floor(months / 12), "full year")}${months % 12 === 0 ? "" : ` ${plural(months % 12, "month")}`}`;
}

const days = (count: number) => plural(count, "day");
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
