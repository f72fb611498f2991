/** Entries of the history under their days. Pure. */
import { dayHeading, daysBetween } from "../../lib/when.ts";

export interface HistoryDay<Entry> {
  heading: string;
  entries: Entry[];
}

/** A week back days have names, before that dates: people look for money by date. */
const DAYS_NAMED = 7;

/** Keeps the given order, newest first: a day starts where the heading changes. */
export function historyDays<Entry extends { at: string }>(
  entries: readonly Entry[],
  now: Date,
  language: string,
): HistoryDay<Entry>[] {
  const days: HistoryDay<Entry>[] = [];
  for (const entry of entries) {
    const heading = headingOf(new Date(entry.at), now, language);
    const last = days.at(-1);
    if (last?.heading === heading) last.entries.push(entry);
    else days.push({ heading, entries: [entry] });
  }
  return days;
}

function headingOf(moment: Date, now: Date, language: string): string {
  if (daysBetween(moment, now) < DAYS_NAMED) return dayHeading(moment, now, language);
  const year = moment.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", ...year }).format(moment);
}
