/** Times as shown in a list. Every function takes `now`, so that all rows of one rendering agree. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAYS_NAMED = 7; // After a week "Tuesday" would be ambiguous.

/** The start of a day in the person's time zone. */
function dayStart(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

/** Calendar days between two moments; rounding absorbs days of 23 and 25 hours. */
export function daysBetween(moment: Date, now: Date): number {
  return Math.round((dayStart(now).getTime() - dayStart(moment).getTime()) / (24 * HOUR_MS));
}

/**
 * "2m", "3h", "14:05", "12 Sept", "12 Sept 2025": the shortest form that is still exact enough at that distance.
 * A moment a little in the future, from a clock that is ahead, counts as now.
 */
export function shortWhen(moment: Date, now: Date, language: string): string {
  const ageMs = Math.max(0, now.getTime() - moment.getTime());
  if (ageMs < HOUR_MS) return span(Math.max(1, Math.floor(ageMs / MINUTE_MS)), "minute", language);
  const days = daysBetween(moment, now);
  if (days === 0) return span(Math.floor(ageMs / HOUR_MS), "hour", language);
  if (days < DAYS_NAMED) return dateFormat(language, "clock").format(moment);
  return dateFormat(language, sameYear(moment, now) ? "date" : "dateOfYear").format(moment);
}

/** The heading of a day's group: "Today", "Yesterday", "Tuesday", and months after a week. */
export function dayHeading(moment: Date, now: Date, language: string): string {
  const days = Math.max(0, daysBetween(moment, now));
  if (days <= 1) return upperFirst(new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day"));
  const form = days < DAYS_NAMED ? "weekday" : sameYear(moment, now) ? "month" : "monthOfYear";
  return upperFirst(dateFormat(language, form).format(moment));
}

/** "12 Sept 2025, 14:05": for what people make plans by. */
export function momentText(moment: Date, language: string): string {
  return dateFormat(language, "moment").format(moment);
}

function sameYear(moment: Date, now: Date): boolean {
  return moment.getFullYear() === now.getFullYear();
}

const FORMS = {
  clock: { hour: "numeric", minute: "2-digit" },
  date: { day: "numeric", month: "short" },
  dateOfYear: { day: "numeric", month: "short", year: "numeric" },
  weekday: { weekday: "long" },
  month: { month: "long" },
  monthOfYear: { month: "long", year: "numeric" },
  moment: { dateStyle: "medium", timeStyle: "short" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Formatters are cached, because making one takes as long as formatting hundreds of dates. One per language and form. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: string, form: keyof typeof FORMS): Intl.DateTimeFormat {
  const key = `${language} ${form}`;
  const known = dateFormats.get(key) ?? new Intl.DateTimeFormat(language, FORMS[form]);
  dateFormats.set(key, known);
  return known;
}

function span(count: number, unit: "minute" | "hour", language: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" }).format(count);
}

function upperFirst(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
