/** Days as people write them, in English and Russian: `25.12.2026`, `Dec 25`, `next Friday`, `послезавтра`, `Christmas`. */

export interface Day {
  year: number;
  /** 1–12. */
  month: number;
  day: number;
}

const MONTHS = [
  "jan|янв",
  "feb|фев",
  "mar|мар",
  "apr|апр",
  "may|ма[йя]",
  "jun|июн",
  "jul|июл",
  "aug|авг",
  "sep|сен",
  "oct|окт",
  "nov|ноя",
  "dec|дек",
].map((names) => new RegExp(`^(?:${names})`, "iu"));
const WEEKDAYS = ["sun|воск", "mon|пон", "tue|втор", "wed|сред", "thu|четв", "fri|пятн", "sat|субб"].map(
  (names) => new RegExp(`^(?:${names})`, "iu"),
);
const RELATIVE: readonly (readonly [RegExp, number])[] = [
  [/^(?:the )?day after tomorrow$|^послезавтра$/iu, 2],
  [/^(?:the )?day before yesterday$|^позавчера$/iu, -2],
  [/^(?:today|now|the current date|this day|сегодня|сейчас)$/iu, 0],
  [/^(?:tomorrow|завтра)$/iu, 1],
  [/^(?:yesterday|вчера)$/iu, -1],
];
const HOLIDAYS: readonly (readonly [RegExp, number, number])[] = [
  [/^(?:new year'?s? eve)$/iu, 12, 31],
  [/^(?:christmas eve|сочельник)$/iu, 12, 24],
  [/^(?:christmas(?: day)?|xmas|рождество)$/iu, 12, 25],
  [/^(?:(?:the )?new year(?:'?s)?(?: day)?|новый год|нового года)$/iu, 1, 1],
  [/^(?:halloween|хэллоуин)$/iu, 10, 31],
  [/^(?:(?:st\.? )?valentine'?s(?: day)?|день святого валентина)$/iu, 2, 14],
  [/^(?:independence day|4th of july|july 4th?)$/iu, 7, 4],
  [/^(?:april fools'?(?: day)?)$/iu, 4, 1],
];

/** Returns `null` if the text is not a day. A day without a year is the next such day, today included. */
export function readDate(text: string, today: Day): Day | null {
  const plain = text
    .trim()
    .replace(/[.,!?]+$/u, "")
    .replace(/^(?:on|from|since|until|till|the date|date of) /iu, "")
    .trim();
  const relative = RELATIVE.find(([words]) => words.test(plain));
  if (relative !== undefined) return addDays(today, relative[1]);
  return holiday(plain, today) ?? weekday(plain, today) ?? numeric(plain) ?? named(plain, today);
}

export const dayNumber = (day: Day) => Math.round(Date.UTC(day.year, day.month - 1, day.day) / 86_400_000);

export function addDays(day: Day, days: number): Day {
  const date = new Date(Date.UTC(day.year, day.month - 1, day.day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The same day of the month, or the month's last day where it has none. */
export function addMonths(day: Day, months: number): Day {
  const index = day.year * 12 + day.month - 1 + months;
  const [year, month] = [Math.floor(index / 12), (index % 12) + 1];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: Math.min(day.day, last) };
}

function holiday(text: string, today: Day): Day | null {
  const year = /^(?<name>.+?),?\s+(?<year>\d{4})$/u.exec(text)?.groups;
  const found = HOLIDAYS.find(([words]) => words.test(year?.name ?? text));
  if (found === undefined) return null;
  return year?.year === undefined
    ? upcoming({ month: found[1], day: found[2] }, today)
    : { year: Number(year.year), month: found[1], day: found[2] };
}

function weekday(text: string, today: Day): Day | null {
  const match = /^(?<which>next|this|last|coming|следующ\p{L}+|прошл\p{L}+|эт\p{L}+)?\s*(?<name>\p{L}+)$/iu.exec(
    text,
  )?.groups;
  const index = WEEKDAYS.findIndex((names) => names.test(match?.name ?? ""));
  if (match === undefined || index < 0) return null;
  const now = new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay();
  const ahead = (index - now + 7) % 7;
  if (/^(?:last|прошл)/iu.test(match.which ?? "")) return addDays(today, ahead - 7);
  return addDays(
    today,
    ahead === 0 && match.which !== undefined && /^(?:next|следующ)/iu.test(match.which) ? 7 : ahead,
  );
}

/** `2026-12-25`, `25.12.2026`, `25/12/2026`, `12/25/2026`; where both readings are days, day first. */
function numeric(text: string): Day | null {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/u.exec(text);
  if (iso !== null) return valid({ year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) });
  const parts = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/u.exec(text);
  if (parts === null) return null;
  const [first, second, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return valid({ year, month: second, day: first }) ?? valid({ year, month: first, day: second });
}

/** `25 December 2026`, `December 25th, 2026`, `25 декабря`, `March 2027`. */
function named(text: string, today: Day): Day | null {
  const words = text
    .toLowerCase()
    .replace(/(?<=\d)(?:st|nd|rd|th|-?го|-?е)(?![\p{L}])/giu, "")
    .replace(/(?<![\p{L}])(?:of|the|года?|г)(?![\p{L}])/giu, " ")
    .split(/[\s,./-]+/u)
    .filter(Boolean);
  const month = words.map((word) => MONTHS.findIndex((names) => names.test(word)) + 1).find((m) => m > 0);
  const numbers = words.filter((word) => /^\d+$/u.test(word)).map(Number);
  const known = words.every(
    (word) => /^\d+$/u.test(word) || MONTHS.some((m) => m.test(word)) || WEEKDAYS.some((w) => w.test(word)),
  );
  if (month === undefined || !known || numbers.length > 2) return null;
  const year = numbers.find((n) => n > 31);
  const day = numbers.find((n) => n <= 31) ?? (year === undefined ? undefined : 1);
  if (day === undefined) return null;
  return year === undefined ? upcoming({ month, day }, today) : valid({ year, month, day });
}

function upcoming(day: { month: number; day: number }, today: Day): Day | null {
  const thisYear = valid({ year: today.year, ...day });
  if (thisYear !== null && dayNumber(thisYear) >= dayNumber(today)) return thisYear;
  for (let year = today.year + 1; year <= today.year + 8; year++) {
    const next = valid({ year, ...day });
    if (next !== null) return next;
  }
  return null;
}

function valid(day: Day): Day | null {
  const date = new Date(Date.UTC(day.year, day.month - 1, day.day));
  return date.getUTCMonth() + 1 === day.month && date.getUTCDate() === day.day && day.year >= 1000 ? day : null;
}
